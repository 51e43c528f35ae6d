#!/usr/bin/env node
// Writes docs/api.md; `npm run check -- generated` fails if it is out of date.
import { writeApiReference } from './lib/api-reference.mjs';

writeApiReference();
