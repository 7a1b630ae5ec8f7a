// Tests that need processes of their own: setuid, chdir, umask, signals.
export default {
  files: ["test/processes/**/*.test.ts", "packages/*/src/**/*.process-test.ts"],
  extensions: ["ts"],
  workerThreads: false,
  timeout: "4m",
  concurrency: 2,
};
