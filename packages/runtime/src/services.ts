/** The real ports of `sdk/services.ts`, wired: circles are closed here and nowhere else. */
import { makeStringService } from "@mailkit/expand";
import type { Configuration } from "@mailkit/config";
import { makeAccountService, makeFileService, makeLookupService } from "@mailkit/lookups";
import type { LookupRunner } from "@mailkit/lookups";
import type {
  AclService,
  DnsService,
  DomainList,
  HintsStore,
  HostList,
  ListKind,
  ListService,
  LocalPartList,
  AddressList,
  LookupDriver,
  Services,
  Tracer,
} from "@mailkit/sdk";
import type { Compilers } from "@mailkit/config";
import { systemClock, systemRandom } from "./ports/clock.ts";
import { systemProcesses } from "./ports/processes.ts";
import { systemSockets } from "./ports/sockets.ts";

export interface ServiceParts {
  readonly trace: Tracer;
  readonly dns: DnsService;
  readonly hints: HintsStore;
  readonly lookups: readonly LookupDriver[];
  readonly compilers: Compilers;
  readonly config: () => Configuration;
  readonly acls: AclService;
  readonly setting: (name: string) => string | undefined;
  readonly expansion: NonNullable<Services["expansion"]>;
}

export type BasePorts = Pick<Services, "clock" | "random" | "files" | "accounts" | "processes" | "sockets" | "trace">;

export function basePorts(trace: Tracer): BasePorts {
  return {
    clock: systemClock,
    random: systemRandom,
    files: makeFileService(),
    accounts: makeAccountService(),
    processes: systemProcesses,
    sockets: systemSockets,
    trace,
  };
}

/** The ports, with what has to be closed at the end. */
export type WiredServices = Services & { readonly lookups: LookupRunner };

export function makeServices(base: BasePorts, parts: ServiceParts): WiredServices {
  const lookups = makeLookupService({
    drivers: parts.lookups,
    settings: (name) => parts.setting(name),
    host: { files: base.files, dns: parts.dns, accounts: base.accounts, clock: base.clock, sockets: base.sockets },
  });
  return {
    ...base,
    dns: parts.dns,
    hints: parts.hints,
    lookups,
    lists: listService(parts),
    strings: makeStringService(),
    acls: parts.acls,
    expansion: parts.expansion,
  };
}

function listService({ compilers, config }: ServiceParts): ListService {
  return {
    named: (kind: ListKind, name: string) => config().lists.get(kind)?.get(name)?.list,
    domain: (source) => compilers.list("domain", source) as DomainList,
    host: (source) => compilers.list("host", source) as HostList,
    address: (source) => compilers.list("address", source) as AddressList,
    localPart: (source) => compilers.list("localpart", source) as LocalPartList,
  };
}
