/** The port to the user and group databases, asked only while a configuration is read. */
export interface ConfigAccounts {
  userByName(name: string): { readonly uid: number; readonly gid: number } | undefined;
  userById(uid: number): string | undefined;
  groupByName(name: string): number | undefined;
  groupById(gid: number): string | undefined;
}
