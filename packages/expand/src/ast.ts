/** The tree of a parsed string. Plain data but for operators, which carry the function they stand for. */
import type { ExpansionFailure, Expansion, HeaderForm } from "@mailkit/sdk";
import type { Operator } from "./operators.ts";

/** A sequence of nodes: the whole string, or what stands between braces. */
export interface Parts {
  readonly raw: string;
  /** Where it begins in the string that was parsed. */
  readonly at: number;
  readonly nodes: readonly Node[];
  /** The value, made once, when nothing in it can change. */
  readonly value: Extract<Expansion, { kind: "value" }> | undefined;
}

/** `{yes}{no}` after a test, or `fail`. */
export interface Branches {
  readonly item: string;
  readonly yes: Parts | undefined;
  readonly no: Parts | undefined;
  readonly fail: boolean;
}

export interface Written {
  /** As it stands in the source. */
  readonly raw: string;
}

export type Node = Written &
  (
    | { readonly kind: "literal"; readonly text: string }
    | { readonly kind: "variable"; readonly name: string }
    | { readonly kind: "numeric"; readonly index: number }
    | { readonly kind: "header"; readonly form: HeaderForm; readonly name: string }
    | {
        readonly kind: "operator";
        readonly name: string;
        readonly operator: Operator;
        readonly suffix: string | undefined;
        readonly body: Parts;
      }
    | { readonly kind: "call"; readonly name: string; readonly args: readonly Parts[] }
    | { readonly kind: "if"; readonly condition: Condition; readonly branches: Branches }
    | LookupNode
    | ExtractNode
    | { readonly kind: "listextract"; readonly index: Parts; readonly list: Parts; readonly branches: Branches }
    | { readonly kind: "env"; readonly key: Parts; readonly branches: Branches }
    | { readonly kind: "certextract"; readonly field: Parts; readonly variable: string; readonly branches: Branches }
    | RunNode
    | { readonly kind: "map" | "filter"; readonly list: Parts; readonly body: Parts; readonly condition: Condition | undefined }
    | { readonly kind: "reduce"; readonly list: Parts; readonly start: Parts; readonly body: Parts }
    | { readonly kind: "sort"; readonly list: Parts; readonly comparator: string; readonly extractor: Parts }
    | { readonly kind: "prvscheck"; readonly address: Parts; readonly secret: Parts; readonly result: Parts | undefined }
    /** A fault of syntax and all that follows it. */
    | { readonly kind: "fault"; readonly failure: ExpansionFailure }
  );

export interface LookupNode extends Written {
  readonly kind: "lookup";
  readonly key: Parts | undefined;
  readonly type: string;
  readonly target: Parts;
  readonly branches: Branches;
}

export interface ExtractNode extends Written {
  readonly kind: "extract";
  readonly json: "" | "json" | "jsons";
  /** Two (key, string) or three (number, separators, string). */
  readonly args: readonly Parts[];
  /**
   * Set when the first argument is not constant: it decides, only when evaluated, whether the third string is the
   * subject or a result. Then `args` has all strings, and `branches` only tells about `fail`.
   */
  readonly undecided: boolean;
  readonly branches: Branches;
}

export interface RunNode extends Written {
  readonly kind: "run";
  readonly preexpand: boolean;
  /** Whole command line, for `preexpand`. */
  readonly command: Parts;
  /** Words of the command, each with its own tree, or why it could not be split. */
  readonly words: readonly Word[] | string;
  readonly branches: Branches;
}

export interface Word {
  readonly text: string;
  readonly parts: Parts;
  readonly fault: string | undefined;
}

export type Condition = Written & { readonly at: number } & BareCondition;

/** A condition but for how it is written. */
export type BareCondition =
  | { readonly kind: "not"; readonly of: Condition }
  | { readonly kind: "group"; readonly name: "and" | "or"; readonly members: readonly Condition[] }
  | { readonly kind: "number" | "text" | "pair"; readonly name: string; readonly a: Parts; readonly b: Parts }
  | { readonly kind: "single"; readonly name: string; readonly a: Parts }
  | { readonly kind: "flag"; readonly name: string }
  | { readonly kind: "def"; readonly name: string }
  | { readonly kind: "defHeader"; readonly name: string }
  | { readonly kind: "each"; readonly name: string; readonly list: Parts; readonly condition: Condition }
  | { readonly kind: "list"; readonly name: ListCondition; readonly a: Parts; readonly list: string }
  | { readonly kind: "acl" | "saslauthd"; readonly args: readonly Parts[] };

export type ListCondition = "match_domain" | "match_address" | "match_local_part" | "match_ip";
