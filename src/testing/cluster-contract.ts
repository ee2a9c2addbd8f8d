import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KubeObject, refOf } from '../core/kube-object.js'
import type { Cluster } from '../ports/cluster.js'

/** A cluster, and a namespace in it that is there and that the suite has for itself. */
export interface ContractCluster {
  readonly cluster: Cluster
  readonly namespace: string
  close(): Promise<void>
}

/** What every `Cluster` does with objects. */
export function clusterContract(name: string, open: () => Promise<ContractCluster>): void {
  describe(`cluster: ${name}`, () => {
    let opened: ContractCluster
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened.close())

    const configMap = (
      name: string,
      data: Readonly<Record<string, string>>,
      more: Partial<KubeObject['metadata']> = {},
    ): KubeObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: opened.namespace, ...more },
      data,
    })
    const apply = async (object: KubeObject, fieldManager = 'one', force = false): Promise<KubeObject> => {
      const applied = await opened.cluster.apply(object, { fieldManager, force })
      if (!applied.ok) throw new Error(JSON.stringify(applied.error))
      return applied.value.object
    }
    const read = async (object: KubeObject): Promise<KubeObject | undefined> => {
      const found = await opened.cluster.get(refOf(object))
      if (!found.ok) throw new Error(JSON.stringify(found.error))
      return found.value
    }

    it('makes an object, says so, and is the same cluster the next time', async () => {
      const object = configMap('made', { a: '1' })
      const first = await opened.cluster.apply(object, { fieldManager: 'one', force: false })
      expect(first).toMatchObject({ ok: true, value: { created: true, object: { data: { a: '1' } } } })
      const again = await opened.cluster.apply(object, { fieldManager: 'one', force: false })
      expect(again).toMatchObject({ ok: true, value: { created: false } })
      expect((await read(object))?.metadata.uid).toBe(first.ok && first.value.object.metadata.uid)
      const [left, right] = await Promise.all([opened.cluster.identity(), opened.cluster.identity()])
      expect(left.ok && left.value.uid).toBe(right.ok && right.value.uid)
    })

    it('keeps the version where nothing changed, and moves it on where something did', async () => {
      const before = await apply(configMap('versions', { a: '1' }))
      const same = await apply(configMap('versions', { a: '1' }))
      const after = await apply(configMap('versions', { a: '2' }))
      expect(same.metadata.resourceVersion).toBe(before.metadata.resourceVersion)
      expect(after.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion)
    })

    it('takes away what its only manager no longer sets, and keeps what another set', async () => {
      await apply(configMap('managers', { a: '1', b: '1' }))
      await apply(configMap('managers', { c: '1' }), 'two')
      const left = await apply(configMap('managers', { b: '1' }))
      expect(left.data).toEqual({ b: '1', c: '1' })
    })

    it('refuses what another manager holds otherwise, by name, until it is forced', async () => {
      await apply(configMap('conflict', { a: '1' }))
      const refused = await opened.cluster.apply(configMap('conflict', { a: '2' }), {
        fieldManager: 'two',
        force: false,
      })
      expect(refused).toMatchObject({
        ok: false,
        error: { kind: 'apply-conflict', conflicts: [{ manager: 'one', field: '.data.a' }] },
      })
      expect((await apply(configMap('conflict', { a: '2' }), 'two', true)).data).toEqual({ a: '2' })
    })

    it('does not write to another object of the same name, nor to another version', async () => {
      const made = await apply(configMap('guarded', { a: '1' }))
      await apply(configMap('guarded', { a: '2' }))
      for (const guard of [
        { uid: '00000000-0000-0000-0000-000000000000' },
        { resourceVersion: made.metadata.resourceVersion ?? '' },
      ]) {
        const refused = await opened.cluster.apply(configMap('guarded', { a: '3' }, guard), {
          fieldManager: 'one',
          force: false,
        })
        expect(refused.ok).toBe(false)
      }
      expect((await read(made))?.data).toEqual({ a: '2' })
    })

    it('lists a kind, and no object of another namespace', async () => {
      await apply(configMap('listed', { a: '1' }))
      const kinds = await opened.cluster.discover()
      const resource = kinds.ok ? kinds.value.find(({ kind }) => kind === 'ConfigMap') : undefined
      if (resource === undefined) throw new Error('ConfigMaps are not served')
      const listed = await opened.cluster.list(resource, { namespace: opened.namespace })
      const elsewhere = await opened.cluster.list(resource, { namespace: `${opened.namespace}-not` })
      expect(listed.ok && listed.value.map(({ metadata }) => metadata.name)).toContain('listed')
      expect(elsewhere).toEqual({ ok: true, value: [] })
    })

    it('deletes the object of a UID, and no other', async () => {
      const made = await apply(configMap('deleted', { a: '1' }))
      const { uid = '' } = made.metadata
      const options = { propagation: 'Foreground', wait: true } as const
      const other = await opened.cluster.delete(refOf(made), {
        ...options,
        uid: '00000000-0000-0000-0000-000000000000',
      })
      expect(other).toEqual({ ok: true, value: 'absent' })
      expect(await read(made)).toBeDefined()
      expect(await opened.cluster.delete(refOf(made), { ...options, uid })).toEqual({
        ok: true,
        value: 'deleted',
      })
      expect(await read(made)).toBeUndefined()
      expect(await opened.cluster.delete(refOf(made), { ...options, uid })).toEqual({
        ok: true,
        value: 'absent',
      })
    })
  })
}
