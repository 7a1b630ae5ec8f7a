import type { DeliveryState, Envelope, HeaderLine, Progress, WaitReason } from "@mailkit/sdk";

/**
 * What has become of a message: the fold of its `Progress` records. `Standing` is the mutable form that the index
 * holds; it is a live `DeliveryState` besides.
 */
export interface Standing extends DeliveryState {
  done: Set<string>;
  frozen: { since: number; why: string } | undefined;
  manuallyThawed: boolean;
  first: boolean;
  warnings: number;
  lastAttempt: number | undefined;
  waiting: Map<string, WaitReason>;
  /** In place of those that were stored at first. */
  headers: readonly HeaderLine[] | undefined;
  /** Lines of the message's own log. */
  readonly log: string[];
}

export function newStanding(): Standing {
  return {
    done: new Set(),
    frozen: undefined,
    manuallyThawed: false,
    first: true,
    warnings: 0,
    lastAttempt: undefined,
    waiting: new Map(),
    headers: undefined,
    log: [],
  };
}

export function applyProgress(standing: Standing, progress: readonly Progress[]): void {
  for (const step of progress) applyStep(standing, step);
}

function applyStep(standing: Standing, step: Progress): void {
  switch (step.kind) {
    case "done":
      for (const address of step.addresses) {
        standing.done.add(address);
        standing.waiting.delete(address);
      }
      return;
    case "attempted":
      standing.first = false;
      standing.lastAttempt = step.at;
      standing.manuallyThawed = false;
      standing.waiting = new Map(step.waiting);
      if (step.warnings !== undefined) standing.warnings = step.warnings;
      return;
    case "freeze":
      standing.frozen = { since: step.at, why: step.why };
      standing.manuallyThawed = false;
      return;
    case "thaw":
      standing.frozen = undefined;
      standing.manuallyThawed = step.manual;
      return;
    case "headers":
      standing.headers = step.headers;
      return;
    case "recipients":
    case "sender":
    case "queue":
      return; // `editEnvelope`
    case "log":
      standing.log.push(step.line);
      return;
    default:
      step satisfies never;
  }
}

/** Does it change the envelope? */
export function isEdit({ kind }: Progress): boolean {
  return kind === "recipients" || kind === "sender" || kind === "queue";
}

/** The envelope with those steps applied that change it. */
export function editEnvelope(envelope: Envelope, progress: readonly Progress[]): Envelope {
  let edited = envelope;
  for (const step of progress) {
    if (step.kind === "recipients") edited = { ...edited, recipients: step.recipients };
    else if (step.kind === "sender") edited = { ...edited, sender: step.sender };
    else if (step.kind === "queue") edited = { ...edited, queueName: step.queueName };
  }
  return edited;
}

interface StateSnapshot {
  readonly done?: readonly string[];
  readonly frozen?: { readonly since: number; readonly why: string };
  readonly manuallyThawed?: true;
  readonly attempted?: true;
  readonly warnings?: number;
  readonly lastAttempt?: number;
  readonly waiting?: readonly (readonly [string, WaitReason])[];
  readonly headers?: readonly HeaderLine[];
  readonly log?: readonly string[];
}

/** JSON of all but the envelope, which is written anew with its changes; "" for a message nothing has happened to. */
export function snapshotOf(standing: Standing): string {
  const snapshot: StateSnapshot = {
    ...(standing.done.size > 0 ? { done: [...standing.done] } : {}),
    ...(standing.frozen === undefined ? {} : { frozen: standing.frozen }),
    ...(standing.manuallyThawed ? { manuallyThawed: true } : {}),
    ...(standing.first ? {} : { attempted: true }),
    ...(standing.warnings > 0 ? { warnings: standing.warnings } : {}),
    ...(standing.lastAttempt === undefined ? {} : { lastAttempt: standing.lastAttempt }),
    ...(standing.waiting.size > 0 ? { waiting: [...standing.waiting] } : {}),
    ...(standing.headers === undefined ? {} : { headers: standing.headers }),
    ...(standing.log.length > 0 ? { log: standing.log } : {}),
  };
  const text = JSON.stringify(snapshot);
  return text === "{}" ? "" : text;
}

export function standingFrom(snapshot: string): Standing {
  const standing = newStanding();
  if (snapshot === "") return standing;
  const s = JSON.parse(snapshot) as StateSnapshot;
  standing.done = new Set(s.done);
  standing.frozen = s.frozen;
  standing.manuallyThawed = s.manuallyThawed === true;
  standing.first = s.attempted !== true;
  standing.warnings = s.warnings ?? 0;
  standing.lastAttempt = s.lastAttempt;
  standing.waiting = new Map(s.waiting);
  standing.headers = s.headers;
  standing.log.push(...(s.log ?? []));
  return standing;
}
