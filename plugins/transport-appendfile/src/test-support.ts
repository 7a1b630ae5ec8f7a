/** For this plugin's tests: temporary folders, one delivery, mailboxes read back. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TransportJob, TransportReport, TransportServices } from "@mailkit/sdk";
import { fakeJob, fakeTransportServices, localJobOf, optionValues } from "@mailkit/sdk/testing";
import { driver } from "./driver.ts";
import type { Order } from "./order.ts";

export interface Folder {
  readonly path: string;
  readonly remove: () => void;
}

export function newFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "mailkit-appendfile-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export async function deliver(
  options: Readonly<Record<string, unknown>>,
  given: Partial<TransportJob> = {},
  services: Parameters<typeof fakeTransportServices>[1] = {},
): Promise<TransportReport> {
  const job = fakeJob(given);
  const host: TransportServices = fakeTransportServices(job, services);
  const prepared = await driver.prepare(job, optionValues(driver.options, options) as never, host);
  return prepared.kind === "report"
    ? prepared.report
    : driver.perform(JSON.parse(JSON.stringify(prepared.order)) as Order, localJobOf(job));
}

/** Messages of a maildir, oldest name first. */
export function maildirMessages(path: string): string[] {
  return readdirSync(join(path, "new"))
    .sort()
    .map((name) => readFileSync(join(path, "new", name), "latin1"));
}
