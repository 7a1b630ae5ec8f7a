export { type BodyWriter, type NewBody } from "./bodies.ts";
export { SpoolFault, type SpoolTrouble } from "./faults.ts";
export { realFiles, type SpoolFiles } from "./files.ts";
export { openPartition, type OpenResult, type Partition, type PartitionOptions } from "./partition.ts";
export {
  collectDrop,
  type CollectOptions,
  type DroppedMessage,
  type DropRefusal,
  type DropRequest,
  makeDropDirectory,
  writeDrop,
} from "./drop.ts";
export { itemsOf, type QueueScan, readQueue, scanPartition } from "./queue-scan.ts";
export { type EximImport, fromEximFiles } from "./exim-read.ts";
export { type EximFiles, eximHeaderFile, toEximFiles } from "./exim-write.ts";
export { type HintsOptions, openHints, type OpenHints } from "./hints.ts";
export { isHeld } from "./lock.ts";
export {
  listPartitions,
  partitionDirectories,
  type PartitionFacts,
  type PartitionView,
  readPartition,
  type ReadResult,
} from "./read-partition.ts";
export { type PartitionReport, type SpoolFinding, type SpoolReport, verifySpool } from "./verify-spool.ts";
export { type NewMessage, type QueueItem, type RecordOptions } from "./types.ts";
