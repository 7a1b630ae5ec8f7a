/** `shadow_transport`: a second local delivery after each success; its result is logged and changes nothing else. */
import { strerror, type RecipientFact, type TransportReport, trimSpace } from "@mailkit/sdk";
import { attemptScope } from "./scope.ts";
import type { AttemptRequest, GenericValues } from "./types.ts";

export async function runShadow(
  request: AttemptRequest,
  report: TransportReport,
  deliver: (copy: AttemptRequest) => Promise<TransportReport>,
): Promise<TransportReport> {
  const generic = request.instance.generic as GenericValues;
  const name = generic.shadow_transport;
  if (name === undefined || name === "" || request.instance.driver.where !== "local") return report;
  const delivered = report.facts.flatMap((fact, i) => (fact.kind === "delivered" ? [i] : []));
  if (delivered.length === 0) return report;
  const wanted = await shadowWanted(request, generic);
  if (wanted !== true) return wanted === undefined ? report : { ...report, log: [...(report.log ?? []), wanted] };
  const error = await shadowError(request, name, { delivered, deliver });
  const shadow = error === undefined ? { transport: name } : { transport: name, error };
  return { ...report, facts: report.facts.map((fact): RecipientFact => (fact.kind === "delivered" ? { ...fact, shadow } : fact)) };
}

/** True, undefined for no, or a line for the log. */
async function shadowWanted(request: AttemptRequest, generic: GenericValues): Promise<true | undefined | string> {
  const condition = generic.shadow_condition;
  if (condition === undefined) return true;
  const scope = attemptScope(request, { home: request.router.home, returnPath: request.returnPath });
  const result = await condition.evaluate(scope);
  if (result.kind === "value") return /^(|0|no|false)$/i.test(trimSpace(result.text)) ? undefined : true;
  if (result.kind === "forcedFailure") return undefined;
  return `Expansion of "${condition.source}" in shadow_condition of ${request.instance.name} transport failed: ${result.message}`;
}

async function shadowError(
  request: AttemptRequest,
  name: string,
  run: { readonly delivered: readonly number[]; readonly deliver: (copy: AttemptRequest) => Promise<TransportReport> },
): Promise<string | undefined> {
  const instance = request.ports.instance(name);
  if (instance === undefined || instance.driver.where !== "local") return `shadow transport ${name} is not a local transport`;
  const recipients = run.delivered.map((i) => request.recipients[i] as AttemptRequest["recipients"][number]);
  const report = await run.deliver({ ...request, instance, recipients });
  const failed = report.facts.find((fact) => fact.kind !== "delivered");
  if (failed === undefined) return undefined;
  const system = failed.errno !== undefined && failed.errno > 0 ? strerror(failed.errno) : "";
  return system !== "" && failed.message !== "" ? `${system}: ${failed.message}` : system + failed.message;
}
