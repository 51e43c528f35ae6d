// Why the binary of this platform did not load, in words that say what to do. Loaded only when it did not.

// The loader keeps the messages of its attempts, not their codes.
const NOT_THERE = /^(Cannot find|Unsupported) /;
const PACKAGE = /Cannot find module '(@kaelio\/ktx-[^'/]+)'/;

/** Turns the generated loader's error into one with a code; that error stays its cause. */
module.exports.explain = function explain(error) {
  const [message, hint] = messageAndHint(causesOf(error));
  return Object.assign(new Error(message, { cause: error }), { code: 'KTX_BINARY_UNAVAILABLE', hint });
};

function messageAndHint(tried) {
  const { name, optionalDependencies } = require('./package.json');
  const binary = `binary of ${name} for ${process.platform}-${process.arch}`;
  const refused = tried.find(({ message }) => !NOT_THERE.test(message));
  if (refused) {
    const reason = refused.message.trim().split('\n')[0];
    const hint = reason.includes('GLIBC_')
      ? 'Update the system to one with a newer glibc'
      : 'Install the package again';
    return [`The ${binary} does not load: ${reason}`, hint];
  }
  if (!optionalDependencies) return [`The ${binary} is not built`, 'Run: npm run build'];
  const missing = tried.map(({ message }) => PACKAGE.exec(message)?.[1]).find((found) => found in optionalDependencies);
  if (!missing) return [`There is no ${binary}`, 'Build the package from its source there'];
  return [
    `The ${binary} is not installed: the package ${missing} is missing, since optional dependencies were left out ` +
      '(--omit=optional), or node_modules or the lock file come from another platform',
    `Remove node_modules and the lock file, and run: npm install --include=optional ${name}`,
  ];
}

/** The error and everything that led to it; the loader chains one attempt to the next. */
function causesOf(error) {
  const tried = [];
  for (let each = error; each instanceof Error; each = each.cause) tried.push(each);
  return tried;
}
