/** `continue`, `delay`, `queue`, `set`, `udpsend` (manual §"ACL modifiers"). */
import type { AclItemSource } from "@mailkit/config";
import { chain, splitList, trimSpace } from "@mailkit/sdk";
import type { AclCompilers } from "../compile.ts";
import type { ItemRun } from "../items.ts";
import { deferral, fault, type Run, withText } from "../run.ts";
import { parseTime } from "../scalars.ts";

/** Only the side effects of the expansion count. */
export function compileContinue(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const template = compilers.template(item.value, item.at);
  return (run) => withText(run, template, () => "yes");
}

export function compileDelay(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const template = compilers.template(item.value, item.at);
  return (run) =>
    withText(run, template, (text) => {
      const milliseconds = parseTime(trimSpace(text));
      if (milliseconds === undefined) return fault(run, `syntax error in argument for "delay" modifier: "${text}" is not a time value`);
      run.detail = `${milliseconds / 1000} s`;
      if (milliseconds === 0) return "yes";
      if (run.context.session.hostChecking) {
        run.detail += ", not waited for when testing";
        return "yes";
      }
      if (!hasControl(run, "no_delay_flush")) run.context.host.flush?.();
      return run.context.scope.services.clock.sleep(milliseconds).then(() => "yes" as const);
    });
}

export function hasControl(run: Run, name: string): boolean {
  return run.context.controls?.has(name) === true || run.controls?.some((control) => control.name === name) === true;
}

export function compileQueue(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const template = compilers.template(item.value, item.at);
  return (run) =>
    withText(run, template, (text, isTainted) => {
      if (isTainted) return fault(run, `Tainted name '${text}' for queue not permitted`);
      // It names a directory.
      if (text.includes("/")) return fault(run, `Directory separator not permitted in queue name: '${text}'`);
      run.queueName = text;
      run.context.message.queueName = text;
      return "yes";
    });
}

/** `set acl_c_x = text`. */
export function compileSet(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const template = compilers.template(item.value, item.at);
  const variable = item.variable ?? "";
  const name = variable.slice(4);
  const perConnection = variable.startsWith("acl_c");
  return (run) =>
    withText(run, template, (text, tainted) => {
      const { session, message, scope } = run.context;
      // An expansion (`${acl{...}}`) has no session at hand, but its scope knows where its variables live.
      if (!scope.assign(variable, { text, tainted }))
        (perConnection ? session.aclConnection : message.aclMessage).set(name, { text, tainted });
      return "yes";
    });
}

export function compileUdpsend(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const template = compilers.template(item.value, item.at);
  return (run) =>
    withText(run, template, (text) => {
      const [host, port, payload] = splitList(text).items;
      if (host === undefined || host === "") return fault(run, 'missing destination host in "udpsend" modifier');
      if (port === undefined || port === "") return fault(run, 'missing destination port in "udpsend" modifier');
      if (payload === undefined) return fault(run, 'missing datagram content in "udpsend" modifier');
      const number = /^\d+$/.test(port) ? Number(port) : 0;
      if (number < 1 || number > 65535) return fault(run, 'bad destination port in "udpsend" modifier');
      return send(run, { host, port: number, payload });
    });
}

function send(run: Run, { host, port, payload }: { host: string; port: number; payload: string }): ReturnType<ItemRun> {
  const { sendDatagram } = run.context.host;
  if (sendDatagram === undefined) return fault(run, 'failed to send "udpsend" datagram: no sockets here');
  return chain(sendDatagram(host, port, payload), (problem) =>
    problem === undefined ? "yes" : deferral(run, `"udpsend" failed: ${problem}`),
  );
}
