/** Facts that lists ask for: own names and addresses, MX of a domain, addresses of a host name. */
import { chain } from "@mailkit/sdk";
import type { ListEnvironment } from "@mailkit/lists";
import type { Engine } from "./engine.ts";

export interface ListParts {
  readonly engine: () => Engine;
  readonly machineAddresses: () => readonly string[];
  readonly parseLookup: NonNullable<ListEnvironment["parseLookup"]>;
}

export function listEnvironment({ engine, machineAddresses, parseLookup }: ListParts): ListEnvironment {
  return {
    parseLookup,
    primaryHostname: () => engine().config.main.text("primary_hostname") ?? engine().machine.hostname,
    localAddresses: () => {
      const { main } = engine().config;
      const listed = main.items("local_interfaces").map((item) => item.replace(/^\[|\]:?\d*$/g, ""));
      const own = listed.some((item) => item !== "0.0.0.0" && item !== "::0" && item !== "::") ? listed : machineAddresses();
      return [...own, ...main.items("extra_local_interfaces")];
    },
    isLocalMx: ({ domain, which, ignore }, scope) =>
      chain(
        engine().hosts.mx({
          domain,
          checkMx: true,
          checkAddress: false,
          ...(ignore === undefined
            ? {}
            : {
                ignore: (address: string) =>
                  chain(
                    ignore.match({ address, names: () => ({ kind: "unknown", message: "" }) }, scope),
                    (result) => result.kind === "yes",
                  ),
              }),
        }),
        (found) => {
          if (found.kind === "defer") return { kind: "defer", message: found.message };
          if (found.kind === "notFound" || found.local === "no") return { kind: "no" };
          const primary = found.local === "first";
          return { kind: which === "any" || (which === "primary") === primary ? "yes" : "no" };
        },
      ),
    addressesOf: (name) =>
      chain(engine().hosts.addresses({ name }), (found) => {
        if (found.kind === "found") return { kind: "found", addresses: found.hosts.map((host) => host.address) };
        return found.kind === "defer" ? { kind: "defer", message: found.message } : { kind: "unknown" };
      }),
  };
}
