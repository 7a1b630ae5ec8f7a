/**
 * dovecot: the login service of a Dovecot server behind a unix socket (manual, chapter "The dovecot authenticator";
 * protocol: Dovecot's "Authentication Protocol", version 1.x).
 */
import { type AuthHost, type Maybe, type ServerStep, defineAuthenticator, option, printable, tainted } from "@mailkit/sdk";
import { type DovecotChannel, openDovecot } from "../dovecot-channel.ts";

export const dovecot = defineAuthenticator({
  name: "dovecot",
  options: {
    server_socket: option.string({ doc: "Unix socket of Dovecot's auth-client service." }),
    server_tls: option.boolean({
      doc: "Accepted for compatibility.",
      missing: { how: "warn", why: "the socket is a local one, TLS is not spoken on it" },
    }),
  },
  serverStart: async (initial, options, host) => {
    if (options.server_socket === undefined) return { kind: "defer", message: "server_socket is not set" };
    const opened = await openDovecot(options.server_socket);
    if (typeof opened === "string") return { kind: "defer", message: opened };
    if (!opened.mechanisms.has((host.mechanism ?? "").toUpperCase())) {
      opened.close();
      return { kind: "defer", message: `dovecot does not support the mechanism ${host.mechanism}` };
    }
    const command = await authCommand(host, initial);
    return answer(opened, await opened.ask(command));
  },
  serverNext: async (response, state) => {
    const channel = state as DovecotChannel;
    return answer(channel, await channel.ask(`CONT\t1\t${response.toString("base64")}`));
  },
});

async function authCommand(host: AuthHost, initial: Buffer | undefined): Promise<string> {
  const variable = (name: string): Maybe<string> => host.variable?.(name) ?? "";
  const remote = await variable("sender_host_address");
  const local = await variable("received_ip_address");
  const secured = (await variable("tls_in_cipher")) !== "" || remote === local;
  const certified = (await variable("tls_in_certificate_verified")) === "1";
  const parts = ["AUTH", "1", (host.mechanism ?? "").toUpperCase(), "service=smtp"];
  if (secured) parts.push("secured");
  if (certified) parts.push("valid-client-cert");
  if (remote !== "") parts.push(`rip=${remote}`);
  if (local !== "") parts.push(`lip=${local}`);
  parts.push("nologin");
  // "resp" comes last: the rest of the line belongs to it.
  if (initial !== undefined) parts.push(`resp=${initial.toString("base64")}`);
  return parts.map((part) => part.replace(/[\t\r\n\0]/g, "")).join("\t");
}

function answer(channel: DovecotChannel, line: string | undefined): ServerStep {
  const [word, , ...fields] = (line ?? "").split("\t");
  if (word === "CONT") return { kind: "challenge", octets: Buffer.from(fields[0] ?? "", "base64"), state: channel };
  channel.close();
  const user = fields.find((field) => field.startsWith("user="))?.slice(5);
  if (word === "OK") {
    return user === undefined ? { kind: "defer", message: "dovecot named no user" } : { kind: "done", auth: [tainted(user)] };
  }
  if (word === "FAIL") {
    // `temp`: the service could not look the user up.
    if (fields.includes("temp")) return { kind: "defer", message: "dovecot: temporary failure" };
    return { kind: "fail", message: "dovecot refused", ...(user === undefined ? {} : { auth: [tainted(user)] }) };
  }
  return { kind: "defer", message: line === undefined ? "dovecot did not answer" : `dovecot answered: ${printable(line.slice(0, 200))}` };
}
