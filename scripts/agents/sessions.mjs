// How each client with a command line is run once, without a terminal, with the played model, as docs/mcp.md describes.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const KEY = 'played';

/**
 * Sessions by client. `prepare` writes what a user does by hand into the home; `command` has the arguments of one
 * question, and `env` what leads to the model at `url` and turns off telemetry and updates.
 */
export const SESSIONS = {
  'claude-code': {
    prepare: () => {},
    command: (question) => ['-p', question, '--allowedTools', 'mcp__ktx'],
    env: (url) => ({
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: KEY,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      MCP_CONNECTION_NONBLOCKING: 'false',
    }),
  },
  codex: {
    prepare: () => {},
    command: (question, url) => [
      'exec',
      '--skip-git-repo-check',
      '--model=gpt-5.5',
      '--config=mcp_servers.ktx.required=true',
      '--config=model_provider="played"',
      `--config=model_providers.played={name="played",base_url="${url}/v1",env_key="OPENAI_API_KEY",wire_api="responses"}`,
      question,
    ],
    env: () => ({ OPENAI_API_KEY: KEY }),
  },
  opencode: {
    prepare: () => {},
    command: (question) => ['run', '--model=played/played', question],
    env: (url) => ({
      OPENCODE_CONFIG_CONTENT: JSON.stringify({ provider: { played: opencodeProvider(url) } }),
      OPENCODE_DISABLE_AUTOUPDATE: 'true',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: 'true',
      OPENCODE_DISABLE_LSP_DOWNLOAD: 'true',
      OPENCODE_DISABLE_MODELS_FETCH: 'true',
    }),
  },
  gemini: {
    prepare: (home) => {
      const settings = {
        security: { auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
      };
      write(path.join(home, '.gemini', 'settings.json'), JSON.stringify(settings));
      write(path.join(home, '.gemini', 'policies', 'ktx.toml'), GEMINI_POLICY);
    },
    command: (question) => ['--model=gemini-2.5-pro', '--prompt', question],
    env: (url) => ({
      GEMINI_API_KEY: KEY,
      GOOGLE_GEMINI_BASE_URL: url,
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
      GEMINI_TELEMETRY_ENABLED: 'false',
    }),
  },
};

/** The policy of docs/mcp.md. */
const GEMINI_POLICY = `[[rule]]
mcpName = "ktx"
toolName = "*"
toolAnnotations = { readOnlyHint = true }
decision = "allow"
priority = 100
`;

function opencodeProvider(url) {
  return { npm: '@ai-sdk/openai-compatible', options: { baseURL: `${url}/v1`, apiKey: KEY }, models: { played: {} } };
}

function write(file, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
