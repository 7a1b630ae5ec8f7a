/** `verify = ...`: the door to its eleven kinds. */
import type { AclItemSource } from "@mailkit/config";
import type { Maybe } from "@mailkit/sdk";
import type { AclCompilers } from "../compile.ts";
import type { ItemRun } from "../items.ts";
import { verifyFault, verifyMask } from "../legality.ts";
import { fault, type Outcome, type Run, withText } from "../run.ts";
import { verifyRecipient, verifySender } from "./addresses.ts";
import { verifyCsa } from "./csa.ts";
import { verifyHeaderNames, verifyHeaderSender, verifyHeaderSyntax, verifyNotBlind } from "./headers.ts";
import { verifyCertificate, verifyHelo, verifyReverseLookup } from "./host.ts";
import { parseVerify, type VerifySpec } from "./parse.ts";

export function compileVerify(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const template = compilers.template(item.value, item.at);
  const known = template.constant === undefined ? undefined : parseVerify(template.constant);
  return (run) =>
    withText(run, template, (text) => {
      const spec = known ?? parseVerify(text);
      if (typeof spec === "string") return fault(run, spec);
      if ((verifyMask(spec.kind) & run.hookBit) === 0) return fault(run, verifyFault(spec.kind, run.context.hook));
      return perform(run, spec);
    });
}

function perform(run: Run, spec: VerifySpec): Maybe<Outcome> {
  switch (spec.kind) {
    case "recipient":
      return verifyRecipient(run, spec);
    case "sender":
      return verifySender(run, spec);
    case "header_syntax":
      return verifyHeaderSyntax(run);
    case "header_names_ascii":
      return verifyHeaderNames(run);
    case "header_sender":
      return verifyHeaderSender(run, spec);
    case "not_blind":
      return verifyNotBlind(run, spec);
    case "helo":
      return verifyHelo(run);
    case "certificate":
      return verifyCertificate(run);
    case "reverse_host_lookup":
      return verifyReverseLookup(run, spec);
    case "csa":
      return verifyCsa(run, spec);
    case "arc":
      return fault(run, "ARC is not verified by mailkit");
  }
}
