export { type BodyWriter, type NewBody } from "./bodies.ts";
export { SpoolFault, type SpoolTrouble } from "./faults.ts";
export { realFiles, type SpoolFiles } from "./files.ts";
export {
  type NewMessage,
  openPartition,
  type OpenResult,
  type Partition,
  type PartitionOptions,
  type QueueItem,
  type RecordOptions,
} from "./partition.ts";
