/** A certificate of one's own and its key, as files for a server of a test: `certificate` and `key`. Needs openssl. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder, type Teardown } from "./temporary.ts";

/** The main options that go with the files. */
export const TLS_OPTIONS = "tls_certificate = FOLDER/certificate\ntls_privatekey = FOLDER/key";

export function certificateFiles(t: Teardown, host: string): Record<string, string> {
  const folder = temporaryFolder(t, "certificate");
  const [key, certificate] = [join(folder, "key"), join(folder, "certificate")];
  const request = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=${host} -keyout ${key} -out ${certificate}`;
  execFileSync("openssl", request.split(" "), { stdio: "ignore" });
  return { key: readFileSync(key, "latin1"), certificate: readFileSync(certificate, "latin1") };
}
