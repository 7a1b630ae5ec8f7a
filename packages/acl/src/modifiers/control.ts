/** `control = ...` (manual §"Use of the control modifier"): checked and put among the effects. */
import type { AclItemSource } from "@mailkit/config";
import { lower } from "@mailkit/sdk";
import type { AclCompilers } from "../compile.ts";
import { type AclControl, parseControl } from "../controls.ts";
import type { ItemRun } from "../items.ts";
import { controlFault, controlMask } from "../legality.ts";
import { fault, type Outcome, type Run, withText } from "../run.ts";

export function compileControl(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const template = compilers.template(item.value, item.at);
  const known = template.constant === undefined ? undefined : parseControl(template.constant);
  return (run) => withText(run, template, (text) => apply(run, text, known ?? parseControl(text)));
}

function apply(run: Run, text: string, control: AclControl | undefined): Outcome {
  if (control === undefined) return fault(run, `syntax error in "control=${text}"`);
  if ((controlMask(control.name) & run.hookBit) === 0) return fault(run, controlFault(control.name, run.context.hook));
  const { address } = run.context;
  // These two act on the rest of this very ACL.
  if (address !== undefined && control.name === "caseful_local_part") address.localPart = address.originalLocalPart;
  if (address !== undefined && control.name === "caselower_local_part") address.localPart = lower(address.originalLocalPart);
  (run.controls ??= []).push(control);
  return "yes";
}
