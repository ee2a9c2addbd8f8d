/** How an engine keeps images, by the `DriverStatus` of its info: the containerd store names its snapshotter there. */
export function engineStore(driverStatus: unknown): 'classic' | 'containerd' {
  const status: readonly unknown[] = Array.isArray(driverStatus) ? driverStatus : []
  return JSON.stringify(status).includes('io.containerd.snapshotter.v1') ? 'containerd' : 'classic'
}
