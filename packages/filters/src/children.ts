/** Actions that deliver, as children of the address or recipients of the system filter. */
import type { ChildAddress, ChildExtra } from "@mailkit/sdk";
import type { FilterAction } from "./actions.ts";

/** `home` goes in front of relative file names; "" = they stay relative. */
export function makeChildren(actions: readonly FilterAction[], home: string): ChildAddress[] {
  const children: ChildAddress[] = [];
  for (const action of actions) {
    const child = childOf(action, home);
    if (child !== undefined) children.push(child);
  }
  return children;
}

function childOf(action: FilterAction, home: string): ChildAddress | undefined {
  switch (action.kind) {
    case "deliver":
      return {
        kind: "address",
        address: action.address,
        ...extra(action, action.errorsTo === undefined ? {} : { errorsTo: action.errorsTo }),
      };
    case "save": {
      const path = home !== "" && !action.path.startsWith("/") ? `${home}/${action.path}` : action.path;
      return fileChild(path, extra(action, action.mode === undefined ? {} : { mode: action.mode }));
    }
    case "pipe": {
      const { variables } = action;
      const own = Object.keys(variables).length > 0 ? { expand: true, variables } : { expand: true };
      return { kind: "pipe", command: action.command, ...extra(action, own) };
    }
    case "mail":
      return action.reply === undefined ? undefined : { kind: "reply", reply: action.reply, ...extra(action, {}) };
    default:
      return undefined;
  }
}

/** A final slash asks for a delivery into a directory. */
export function fileChild(path: string, rest: { readonly extra?: ChildExtra } = {}): ChildAddress {
  return { kind: path.endsWith("/") ? "directory" : "file", path, ...rest };
}

function extra({ noError }: { readonly noError: boolean }, own: ChildExtra): { readonly extra?: ChildExtra } {
  const all: ChildExtra = noError ? { ...own, noErrorMessage: true } : own;
  return Object.keys(all).length === 0 ? {} : { extra: all };
}
