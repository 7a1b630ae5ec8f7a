export default {
  files: ["packages/*/src/**/*.test.ts", "plugins/*/src/**/*.test.ts", "test/**/*.test.ts", "!test/processes/**"],
  extensions: ["ts"],
  timeout: "2m",
};
