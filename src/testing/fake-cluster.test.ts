import { clusterContract } from './cluster-contract.js'
import { createFakeCluster } from './fake-cluster.js'

clusterContract('fake', async () => ({
  cluster: createFakeCluster(),
  namespace: 'default',
  close: async () => {},
}))
