//! One attempt at an installation, under the lock: choose the installer, build a new environment, run the trial,
//! switch.

use super::{
    asset::Asset,
    contents,
    environment::{self, Backup},
    exec::{self, Exec},
    feature::Feature,
    install_host::{InstallHost, InstallRequest, Phase, inspect_runtime, report},
    installer::Installer,
    layout::{self, Platform, executable},
    log::{self, InstallLog, LoggedExec},
    manifest::InstalledManifest,
    ownership,
    provision::{has_no_index, uv_environment},
    requirements,
    settings::{self, uv::SettingsFile},
    status::{RuntimeStatus, StatusKind},
    toolchain::{self, Toolchain},
    trial,
    uv_python::UvPython,
};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    offload,
    process::CommandCall,
};
use std::path::{Path, PathBuf};

/// One attempt under the lock.
pub(super) struct Attempt<'a, H: InstallHost> {
    host: &'a H,
    request: &'a InstallRequest,
    asset: &'a Asset,
    log: InstallLog,
    tools: Toolchain,
    requires_python: String,
    features: Vec<Feature>,
    /// Environment of the tools.
    env: Environment,
    /// Removed when the attempt is dropped.
    _settings: Option<SettingsFile>,
}

/// The packages to install into an environment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Packages {
    /// The wheel and its dependencies.
    All,
    /// Dependencies of features only; the wheel is already installed.
    Dependencies,
}

impl<'a, H: InstallHost> Attempt<'a, H> {
    /// Chooses the installer and creates the log.
    ///
    /// Errors: no installer is found, or the log cannot be created.
    pub(super) async fn begin(host: &'a H, request: &'a InstallRequest, asset: &'a Asset) -> Result<Self, H::Error> {
        let layout = request.layout.clone();
        let log = offload::spawn_blocking(move || {
            environment::remove_unused(&layout);
            InstallLog::create(&layout.install_log_path)
        })
        .await?;
        let wheel = asset.wheel_path.clone();
        let requires_python = offload::spawn_blocking(move || requirements::requires_python(&wheel)).await;
        report(host, Phase::Verify, "Looking for uv or Python");
        let exec = LoggedExec { host, log: &log };
        let installer = Installer::choose(&exec, &request.layout, &request.env, &requires_python).await?;
        let is_managed = matches!(installer, Installer::Managed { .. });
        let tools = installer.provide(host, request).await?;
        let mut env = exec::tool_environment(&request.env);
        if is_managed {
            env = uv_environment(&env);
        }
        let no_index = is_managed && has_no_index(&request.env);
        let settings = match &tools {
            Toolchain::Uv { .. } => Some(write_uv_settings(request, no_index).await?),
            Toolchain::Python { .. } => None,
        };
        if let Some(settings) = &settings {
            env = settings.environment(&env);
        }
        let features = request.features.clone();
        Ok(Self { host, request, asset, log, tools, requires_python, features, env, _settings: settings })
    }

    pub(super) async fn run(mut self) -> Result<InstalledManifest, H::Error> {
        let layout = &self.request.layout;
        let (status, is_intact) = inspect_runtime(self.host, layout).await;
        let present =
            status.manifest.as_ref().filter(|_| matches!(status.kind, StatusKind::Ready | StatusKind::Broken));
        if let Some(installed) = present.filter(|_| !self.request.force) {
            // Also for a damaged runtime, so that a repair keeps its features.
            self.features = Feature::normalize(&[&*installed.features, &self.request.features].concat());
            let is_complete = is_intact && environment::is_complete(layout);
            if status.kind == StatusKind::Ready && is_complete && self.tools.can_add_to(&layout.venv_dir) {
                return self.add_features().await;
            }
        }
        if self.host.is_injected() {
            self.build_in_place(&status).await
        } else {
            self.build_in_new_folder(&status).await
        }
    }

    /// Adds features to the environment in use. All versions are pinned and the wheel is already installed, so files
    /// that a running daemon uses are not changed.
    async fn add_features(&mut self) -> Result<InstalledManifest, H::Error> {
        let layout = self.request.layout.clone();
        offload::spawn_blocking(move || environment::mark_unfinished(&layout)).await?;
        let venv = self.request.layout.venv_dir.clone();
        self.apply_pip_settings(&venv).await?;
        self.install_packages(&venv, Packages::Dependencies).await?;
        self.run_trial(&venv).await?;
        let layout = self.request.layout.clone();
        offload::spawn_blocking(move || environment::mark_finished(&layout)).await?;
        self.finish(self.manifest()).await
    }

    async fn build_in_new_folder(&mut self, before: &RuntimeStatus) -> Result<InstalledManifest, H::Error> {
        let layout = self.request.layout.clone();
        let folder = offload::spawn_blocking(move || environment::new_folder(&layout)).await?;
        let manifest = match self.build_and_switch(&folder, before).await {
            Ok(manifest) => manifest,
            Err(error) => {
                let layout = self.request.layout.clone();
                // Frees disk space; the next attempt removes what could not be removed here.
                offload::spawn_blocking(move || environment::remove_failed(&layout, &folder)).await;
                return Err(error);
            }
        };
        self.finish(manifest).await
    }

    async fn build_and_switch(&mut self, folder: &Path, before: &RuntimeStatus) -> Result<InstalledManifest, H::Error> {
        self.build(folder).await?;
        self.check_executables(folder)?;
        self.run_trial(folder).await?;
        let (layout, folder, manifest) = (self.request.layout.clone(), folder.to_owned(), self.manifest());
        // At no moment may the manifest list features that the environment lacks.
        let reduced = before.manifest.as_ref().and_then(|manifest| manifest.with_only_features(&self.features));
        let reserved = manifest.clone();
        let switching = move || {
            // On a full disk this fails while the old environment is still in use.
            reserved.reserve(&layout)?;
            reduced.map_or(Ok(()), |reduced| reduced.write(&layout))?;
            environment::switch_to(&layout, &folder)
        };
        offload::spawn_blocking(switching).await?;
        Ok(manifest)
    }

    async fn build_in_place(&mut self, status: &RuntimeStatus) -> Result<InstalledManifest, H::Error> {
        let layout = self.request.layout.clone();
        let venv = layout.venv_dir.clone();
        let backup = if status.kind == StatusKind::Missing && !venv.exists() {
            None
        } else {
            Some(offload::spawn_blocking(move || Backup::create(&layout)).await?)
        };
        self.build(&venv).await?;
        if let Some(backup) = backup {
            offload::spawn_blocking(move || backup.discard()).await;
        }
        self.finish(self.manifest()).await
    }

    async fn build(&mut self, folder: &Path) -> Result<(), H::Error> {
        let target = folder.to_string_lossy().into_owned();
        let (program, args) = match self.tools.clone() {
            Toolchain::Uv { program, python, .. } => {
                let python = match python {
                    None => self.interpreter_for_uv(&program).await?,
                    explicit => explicit,
                };
                let python = python.map(|python| vec!["--no-project".into(), "--python".into(), python]);
                (program, [vec!["venv".into()], python.unwrap_or_default(), vec![target]].concat())
            }
            Toolchain::Python { program, .. } => {
                (program.to_string_lossy().into_owned(), vec!["-I".into(), "-m".into(), "venv".into(), target])
            }
        };
        self.run_tool(Phase::Environment, "Creating the Python environment", program, args).await?;
        let created = folder.to_owned();
        offload::spawn_blocking(move || ownership::check_environment(&created)).await.map_err(Error::from)?;
        self.apply_pip_settings(folder).await?;
        self.install_packages(folder, Packages::All).await
    }

    /// The interpreter, or the versions of which uv chooses one; `None` to leave the choice to uv.
    async fn interpreter_for_uv(&self, program: &str) -> Result<Option<String>, H::Error> {
        let (host, log, request, requires_python) = (self.host, &self.log, self.request, &*self.requires_python);
        if host.is_injected() {
            // The contract fixes the calls of an injected `exec`.
            return Ok(self.asset.lock_path.as_ref().map(|_| toolchain::versions_for_uv(requires_python)));
        }
        UvPython { host, log, request, program, requires_python }.ensure(&self.env).await.map(Some)
    }

    /// Copies the allowed settings of pip's configuration files to the environment of the tools, which also keeps pip
    /// from reading these files.
    async fn apply_pip_settings(&mut self, folder: &Path) -> Result<(), H::Error> {
        if !matches!(self.tools, Toolchain::Python { .. }) {
            return Ok(());
        }
        let python = executable(folder, "python", Platform::CURRENT).to_string_lossy().into_owned();
        let args = ["-I", "-m", "pip", "config", "list"];
        let env = settings::pip::listing_environment(&self.env, &python);
        let call = exec::tool_call(&python, &args, Some(&self.request.layout.version_dir), &env);
        // Not logged: indexes and proxies may have passwords.
        match self.host.exec(call.clone(), &mut |_| ()).await {
            Ok(listed) => self.env = settings::pip::environment(&self.env, &listed.stdout),
            Err(error) => return Err(self.install_error(&call, error)),
        }
        Ok(())
    }

    async fn install_packages(&self, folder: &Path, packages: Packages) -> Result<(), H::Error> {
        let python = executable(folder, "python", Platform::CURRENT).to_string_lossy().into_owned();
        let requirements = self.requirement_args(packages).await?;
        let (program, options) = match self.tools.clone() {
            Toolchain::Uv { program, .. } => {
                // pip does so by default; otherwise the first daemon compiles all modules that it imports.
                let compile = self.asset.lock_path.as_ref().map(|_| "--compile-bytecode");
                // Building a source package would run its code. The contract fixes the arguments for an injected
                // `exec`.
                let wheels = (!self.host.is_injected()).then_some("--no-build");
                let options = compile.into_iter().chain(wheels);
                (program, ["pip", "install"].into_iter().chain(options).chain(["--python", &python]).collect())
            }
            Toolchain::Python { .. } => (python.clone(), vec!["-I", "-m", "pip", "install", "--only-binary", ":all:"]),
        };
        let args = options.into_iter().map(str::to_owned).chain(requirements).collect();
        self.run_tool(Phase::Packages, "Installing packages", program, args).await
    }

    /// The wheel, or a requirements file that pins the wheel and its dependencies by hash.
    async fn requirement_args(&self, packages: Packages) -> Result<Vec<String>> {
        let wheel = &self.asset.wheel_path;
        let Some(lock) = self.asset.lock_path.clone() else {
            return Ok(vec![format!("{}{}", wheel.to_string_lossy(), Feature::extras(&self.features))]);
        };
        let path = self.request.layout.version_dir.join("requirements.txt");
        let (asset, features, target) = (self.asset.clone(), self.features.clone(), path.clone());
        let with_wheel = packages == Packages::All;
        offload::spawn_blocking(move || requirements::write(&asset, &lock, &features, with_wheel, &target)).await?;
        Ok(vec!["--require-hashes".into(), "-r".into(), path.to_string_lossy().into_owned()])
    }

    async fn run_tool(&self, phase: Phase, what: &str, program: String, args: Vec<String>) -> Result<(), H::Error> {
        report(self.host, phase, what);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let call = exec::tool_call(&program, &args, Some(&self.request.layout.version_dir), &self.env);
        let logged = LoggedExec { host: self.host, log: &self.log };
        let mut on_line = |line: &str| report(self.host, phase, crate::redact::urls(line));
        match logged.exec(call.clone(), &mut on_line).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.install_error(&call, error)),
        }
    }

    fn install_error(&self, call: &CommandCall, error: exec::ExecError<H::Error>) -> H::Error {
        let tail = log::last_lines(&error.output);
        let tail = if tail.is_empty() { crate::redact::urls(&error.reason) } else { tail };
        let message = format!(
            "Python runtime install failed: {} {}\n{tail}\nInstall log: {}",
            call.program,
            error.reason,
            self.log.path().display()
        );
        let failure = Error::new(Code::RuntimeInstallFailed, message);
        match error.cause {
            Some(cause) => self.host.with_cause(failure, cause),
            None => failure.into(),
        }
    }

    fn check_executables(&self, folder: &Path) -> Result<()> {
        let missing: Option<PathBuf> = ["python", "ktx-daemon"]
            .map(|name| executable(folder, name, Platform::CURRENT))
            .into_iter()
            .find(|path| !path.exists());
        missing.map_or(Ok(()), |path| {
            let log = self.log.path().display();
            let message =
                format!("Python runtime install failed: {} was not created\nInstall log: {log}", path.display());
            Err(Error::new(Code::RuntimeInstallFailed, message))
        })
    }

    /// Runs the installed executable, and writes the list of installed packages.
    async fn run_trial(&self, folder: &Path) -> Result<()> {
        if self.host.is_injected() {
            return Ok(());
        }
        let program = executable(folder, "ktx-daemon", Platform::CURRENT);
        let host = LoggedExec { host: self.host, log: &self.log };
        if let Err(error) = trial::run(&host, &program, &self.request.layout.version_dir, &self.request.env).await {
            let log = self.log.path().display();
            let message = format!("Python runtime install failed: {error}\nInstall log: {log}");
            return Err(Error::new(Code::RuntimeInstallFailed, message).with_hint_from(&error));
        }
        let folder = folder.to_owned();
        offload::spawn_blocking(move || contents::write_package_list(&folder)).await
    }

    fn manifest(&self) -> InstalledManifest {
        InstalledManifest::new(&self.request.layout, self.asset.manifest.clone(), self.features.clone())
    }

    /// Writes the manifest, which completes the installation, and removes unused environments.
    async fn finish(&self, manifest: InstalledManifest) -> Result<InstalledManifest, H::Error> {
        report(self.host, Phase::Finish, "Activating the runtime");
        let layout = self.request.layout.clone();
        let written = manifest.clone();
        offload::spawn_blocking(move || {
            written.write(&layout)?;
            environment::remove_unused(&layout);
            Ok::<_, Error>(())
        })
        .await?;
        Ok(manifest)
    }
}

async fn write_uv_settings(request: &InstallRequest, no_index: bool) -> Result<SettingsFile> {
    let (path, env, home) = (request.layout.uv_settings(), request.env.clone(), layout::home_folder(&request.env));
    offload::spawn_blocking(move || SettingsFile::write(path, &env, home.as_deref(), no_index)).await
}
