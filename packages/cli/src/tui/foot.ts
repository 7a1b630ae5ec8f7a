/** What the log on the screen knows of a message: who sent it, how large, what became of it so far. Pure. */
import type { LogKind } from "@mailkit/logs";
import { longSize, shown } from "../words.ts";
import type { Row } from "./model.ts";

export function footOf(id: string, rows: readonly Row[]): string {
  const records = rows.flatMap(({ record }) => record ?? []);
  const count = (...kinds: readonly LogKind[]): number => records.filter(({ kind }) => kinds.includes(kind)).length;
  const arrival = records.find(({ kind }) => kind === "arrival");
  const size = arrival?.fields.get("S");
  const recipients = arrival?.recipients?.length;
  const deferred = new Set(records.filter(({ kind }) => kind === "deferred").map(({ address }) => address)).size;
  const failed = count("failed");
  return [
    id,
    ...(arrival === undefined ? [] : [arrival.address === "" ? "<>" : shown(arrival.address ?? "")]),
    ...(size === undefined ? [] : [longSize(Number(size))]),
    `${count("delivery", "additional", "cutthrough")}${recipients === undefined ? "" : ` of ${recipients}`} delivered`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(count("completed") > 0 ? ["completed"] : deferred > 0 ? [`${deferred} deferred`] : []),
  ].join("  ");
}
