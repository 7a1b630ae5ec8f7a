/** `bounce_message_file`, `warn_message_file`: the texts of reports. Manual §"Customizing bounce messages". */
import { errnoOf, strerror } from "@mailkit/sdk";
import { parseTemplateFile } from "@mailkit/message";
import type { ReportServices } from "./reports.ts";

type Kind = "error" | "warning";

/** Items of the template file, each expanded by itself; a file that cannot be read or an item that fails means the default. */
export async function templateItems(
  kind: Kind,
  services: ReportServices,
  variables: readonly (readonly [string, string])[],
): Promise<readonly (string | undefined)[]> {
  const { scope } = services;
  const content = await templateFile(kind, services);
  if (content === undefined) return [];
  for (const [key, text] of variables) scope.frame.items.set(key, { text, tainted: true });
  const items: (string | undefined)[] = [];
  for (const item of parseTemplateFile(content)) {
    const expanded = await scope.services.strings.expand(item, scope);
    items.push(expanded.kind === "value" ? expanded.text : undefined);
  }
  return items;
}

async function templateFile(kind: Kind, { settings, scope, trouble }: ReportServices): Promise<string | undefined> {
  const [option, template] =
    kind === "error"
      ? (["bounce_message_file", settings.bounceMessageFile] as const)
      : (["warn_message_file", settings.warnMessageFile] as const);
  if (template === undefined || template.source === "") return undefined;
  const name = await template.evaluate(scope);
  if (name.kind !== "value" || name.text === "") return told(`Failed to expand ${option}: '${template.source}'`);
  if (!name.text.startsWith("/")) return told(`${option} is not absolute after expansion: '${name.text}'`);
  if (name.tainted) return told(`${option} is not untainted after expansion: '${name.text}'`);
  const content = await scope.services.files.read(name.text);
  if (typeof content === "string") return content;
  return told(`Failed to open ${name.text} for ${kind} message texts: ${strerror(errnoOf(content.code))}`);

  function told(line: string): undefined {
    trouble(line);
    return undefined;
  }
}
