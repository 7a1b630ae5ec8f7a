/** Requests on the control socket, and the look at what came: whoever may write there may still write nonsense. Pure. */
import type { QueueAction } from "./queue-actions.ts";
import type { QueueRunWish } from "./queue-runs.ts";
import type { ListingWish } from "./queue-text.ts";

export type ControlRequest =
  | { readonly op: "status" | "adopt" }
  | { readonly op: "act"; readonly id: string; readonly action: QueueAction; readonly by: string }
  | { readonly op: "run"; readonly wish: QueueRunWish }
  | { readonly op: "listing"; readonly wish: ListingWish }
  /** `ids`: these only. */
  | { readonly op: "giveTo"; readonly identity: string; readonly ids?: readonly string[] | undefined };

/** A request, or what is wrong with it. */
export function readControlRequest(value: unknown): ControlRequest | string {
  const op = isObject(value) ? value["op"] : undefined;
  if (typeof op !== "string") return "malformed request";
  const looksRight = Object.hasOwn(REQUESTS, op) ? REQUESTS[op as ControlRequest["op"]] : undefined;
  if (looksRight === undefined) return `unknown request ${op.slice(0, 40)}`;
  return looksRight(value) ? (value as ControlRequest) : `malformed request ${op}`;
}

type Test = (value: unknown) => boolean;

const isText: Test = (value) => typeof value === "string";
const isFlag: Test = (value) => typeof value === "boolean";
const isNumber: Test = (value) => typeof value === "number";
const isTexts: Test = (value) => Array.isArray(value) && value.every(isText);
const optional =
  (test: Test): Test =>
  (value) =>
    value === undefined || test(value);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object with these fields as its own; others are not looked at. */
function shape(fields: Readonly<Record<string, Test>>): Test {
  return (value) =>
    isObject(value) && Object.entries(fields).every(([name, test]) => test(Object.hasOwn(value, name) ? value[name] : undefined));
}

const ACTIONS: Readonly<Record<QueueAction["kind"], Test>> = {
  remove: isObject,
  freeze: isObject,
  thaw: isObject,
  giveUp: isObject,
  markAll: isObject,
  deliver: shape({ force: isFlag }),
  addRecipients: shape({ addresses: isTexts }),
  markDelivered: shape({ addresses: isTexts }),
  editSender: shape({ sender: isText }),
  setQueue: shape({ queueName: isText }),
};

const isAction: Test = (value) => {
  const kind = isObject(value) ? value["kind"] : undefined;
  return typeof kind === "string" && Object.hasOwn(ACTIONS, kind) && ACTIONS[kind as QueueAction["kind"]](value);
};

const isSelection = optional(shape({ text: isText, regex: isFlag }));

const REQUESTS: Readonly<Record<ControlRequest["op"], Test>> = {
  status: isObject,
  adopt: isObject,
  act: shape({ id: isText, action: isAction, by: isText }),
  run: shape({
    wish: shape({
      force: isFlag,
      thaw: isFlag,
      firstOnly: optional(isFlag),
      localOnly: optional(isFlag),
      twoPasses: optional(isFlag),
      dueOnly: optional(isFlag),
      queueName: optional(isText),
      recipient: isSelection,
      sender: isSelection,
      firstId: optional(isText),
      lastId: optional(isText),
    }),
  }),
  listing: shape({
    wish: shape({
      choice: shape({ queueName: isText, ids: isTexts }),
      form: shape({ form: isText, undeliveredOnly: isFlag }),
      now: isNumber,
    }),
  }),
  giveTo: shape({ identity: isText, ids: optional(isTexts) }),
};
