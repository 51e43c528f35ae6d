//! One attempt at an installation, under the lock: choose the installer, build aside, try out, switch.

use super::{
    asset::Asset,
    contents,
    environment::{self, Aside},
    exec::{self, Exec},
    feature::Feature,
    install_host::{InstallHost, InstallRequest, Phase, probe, report},
    layout::{self, Platform, executable},
    log::{self, InstallLog, Logged},
    manifest::InstalledManifest,
    ownership, requirements,
    settings::{self, uv::SettingsFile},
    status::{RuntimeStatus, StatusKind},
    toolchain::{self, Toolchain},
    trial,
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
    /// Goes with the attempt.
    _settings: Option<SettingsFile>,
}

/// What is installed into an environment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Packages {
    /// The wheel and all that it needs.
    All,
    /// What features need besides a wheel that is there already.
    Dependencies,
}

impl<'a, H: InstallHost> Attempt<'a, H> {
    /// Chooses the installer, and begins the log. Errors: none is found.
    pub(super) async fn begin(host: &'a H, request: &'a InstallRequest, asset: &'a Asset) -> Result<Self, H::Error> {
        let layout = request.layout.clone();
        let log = offload::spawn_blocking(move || {
            environment::remove_others(&layout);
            InstallLog::begin(&layout.install_log_path)
        })
        .await?;
        let wheel = asset.wheel_path.clone();
        let requires_python = offload::spawn_blocking(move || requirements::requires_python(&wheel)).await;
        report(host, Phase::Verify, "Looking for uv or Python");
        let tools = Toolchain::find(&Logged { host, log: &log }, &request.env, &requires_python).await?;
        let features = request.features.clone();
        let mut env = exec::tool_environment(&request.env);
        let settings = match &tools {
            Toolchain::Uv { .. } => Some(settings_of_uv(request).await?),
            Toolchain::Python { .. } => None,
        };
        if let Some(settings) = &settings {
            env = settings.environment(&env);
        }
        Ok(Self { host, request, asset, log, tools, requires_python, features, env, _settings: settings })
    }

    pub(super) async fn run(mut self) -> Result<InstalledManifest, H::Error> {
        let layout = &self.request.layout;
        let (status, sound) = probe(self.host, layout).await;
        let kept = status.manifest.as_ref().filter(|_| matches!(status.kind, StatusKind::Ready | StatusKind::Broken));
        if let Some(installed) = kept.filter(|_| !self.request.force) {
            // Also of a damaged one: what is repaired can do what it could before.
            self.features = Feature::normalized(&[&*installed.features, &self.request.features].concat());
            if status.kind == StatusKind::Ready && sound && environment::is_whole(layout) {
                return self.add().await;
            }
        }
        if self.host.is_injected() { self.build_in_place(&status).await } else { self.build_aside(&status).await }
    }

    /// Everything is pinned and the wheel is there already, so nothing that a daemon may be running is touched.
    async fn add(&mut self) -> Result<InstalledManifest, H::Error> {
        let layout = self.request.layout.clone();
        offload::spawn_blocking(move || environment::begin_adding(&layout)).await?;
        let venv = self.request.layout.venv_dir.clone();
        self.read_settings_of_pip(&venv).await?;
        self.install_packages(&venv, Packages::Dependencies).await?;
        self.try_out(&venv).await?;
        let layout = self.request.layout.clone();
        offload::spawn_blocking(move || environment::end_adding(&layout)).await?;
        self.finish(self.manifest()).await
    }

    async fn build_aside(&mut self, before: &RuntimeStatus) -> Result<InstalledManifest, H::Error> {
        let layout = self.request.layout.clone();
        let folder = offload::spawn_blocking(move || environment::new_folder(&layout)).await?;
        let manifest = match self.build_and_switch(&folder, before).await {
            Ok(manifest) => manifest,
            Err(error) => {
                let layout = self.request.layout.clone();
                // It would only fill the disk; what this leaves, the next attempt removes.
                offload::spawn_blocking(move || environment::discard(&layout, &folder)).await;
                return Err(error);
            }
        };
        self.finish(manifest).await
    }

    async fn build_and_switch(&mut self, folder: &Path, before: &RuntimeStatus) -> Result<InstalledManifest, H::Error> {
        self.build(folder).await?;
        self.check_executables(folder)?;
        self.try_out(folder).await?;
        let (layout, folder, manifest) = (self.request.layout.clone(), folder.to_owned(), self.manifest());
        // The manifest must at no moment promise more than the environment has.
        let promise = before.manifest.as_ref().and_then(|manifest| manifest.limited_to(&self.features));
        let reserved = manifest.clone();
        let switching = move || {
            // On a full disk this fails while the old environment is in use still.
            reserved.reserve(&layout)?;
            promise.map_or(Ok(()), |promise| promise.write(&layout))?;
            environment::switch_to(&layout, &folder)
        };
        offload::spawn_blocking(switching).await?;
        Ok(manifest)
    }

    async fn build_in_place(&mut self, status: &RuntimeStatus) -> Result<InstalledManifest, H::Error> {
        let layout = self.request.layout.clone();
        let venv = layout.venv_dir.clone();
        let aside = if status.kind == StatusKind::Missing && !venv.exists() {
            None
        } else {
            Some(offload::spawn_blocking(move || Aside::move_away(&layout)).await?)
        };
        self.build(&venv).await?;
        if let Some(aside) = aside {
            offload::spawn_blocking(move || aside.forget()).await;
        }
        self.finish(self.manifest()).await
    }

    async fn build(&mut self, folder: &Path) -> Result<(), H::Error> {
        let target = folder.to_string_lossy().into_owned();
        let (program, args) = match self.tools.clone() {
            Toolchain::Uv { program, python, .. } => {
                let versions = || toolchain::versions_for_uv(&self.requires_python);
                let python = python.or_else(|| self.asset.lock_path.as_ref().map(|_| versions()));
                let wanted = python.map(|python| vec!["--no-project".into(), "--python".into(), python]);
                (program, [vec!["venv".into()], wanted.unwrap_or_default(), vec![target]].concat())
            }
            Toolchain::Python { program, .. } => {
                (program.to_string_lossy().into_owned(), vec!["-I".into(), "-m".into(), "venv".into(), target])
            }
        };
        self.tool(Phase::Environment, "Creating the Python environment", program, args).await?;
        let made = folder.to_owned();
        offload::spawn_blocking(move || ownership::check_environment(&made)).await.map_err(Error::from)?;
        self.read_settings_of_pip(folder).await?;
        self.install_packages(folder, Packages::All).await
    }

    /// From here on pip reads no files of settings: what counts of them is in the environment of the tools.
    async fn read_settings_of_pip(&mut self, folder: &Path) -> Result<(), H::Error> {
        if !matches!(self.tools, Toolchain::Python { .. }) {
            return Ok(());
        }
        let python = executable(folder, "python", Platform::CURRENT).to_string_lossy().into_owned();
        let args = ["-I", "-m", "pip", "config", "list"];
        let env = settings::pip::listing(&self.env, &python);
        let call = exec::call(&python, &args, Some(&self.request.layout.version_dir), &env);
        // Not logged: indexes and proxies may have passwords.
        match self.host.exec(call.clone(), &mut |_| ()).await {
            Ok(listed) => self.env = settings::pip::environment(&self.env, &listed.stdout),
            Err(error) => return Err(self.failed(&call, error)),
        }
        Ok(())
    }

    async fn install_packages(&self, folder: &Path, packages: Packages) -> Result<(), H::Error> {
        let python = executable(folder, "python", Platform::CURRENT).to_string_lossy().into_owned();
        let what = self.requirement_args(packages).await?;
        let (program, how) = match self.tools.clone() {
            Toolchain::Uv { program, .. } => {
                // As pip does by itself: else the first daemon compiles everything that it imports.
                let compile = self.asset.lock_path.as_ref().map(|_| "--compile-bytecode");
                // Building a source package would run its code. What a host runs is fixed.
                let wheels = (!self.host.is_injected()).then_some("--no-build");
                let options = compile.into_iter().chain(wheels);
                (program, ["pip", "install"].into_iter().chain(options).chain(["--python", &python]).collect())
            }
            Toolchain::Python { .. } => (python.clone(), vec!["-I", "-m", "pip", "install", "--only-binary", ":all:"]),
        };
        let args = how.into_iter().map(str::to_owned).chain(what).collect();
        self.tool(Phase::Packages, "Installing packages", program, args).await
    }

    /// The wheel itself, or a requirements file that pins it and all it needs by hash.
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

    async fn tool(&self, phase: Phase, what: &str, program: String, args: Vec<String>) -> Result<(), H::Error> {
        report(self.host, phase, what);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let call = exec::call(&program, &args, Some(&self.request.layout.version_dir), &self.env);
        let logged = Logged { host: self.host, log: &self.log };
        let mut on_line = |line: &str| report(self.host, phase, crate::redact::urls(line));
        match logged.exec(call.clone(), &mut on_line).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.failed(&call, error)),
        }
    }

    fn failed(&self, call: &CommandCall, error: exec::ExecError<H::Error>) -> H::Error {
        let said = log::tail(&error.output);
        let said = if said.is_empty() { crate::redact::urls(&error.reason) } else { said };
        let message = format!(
            "Python runtime install failed: {} {}\n{said}\nInstall log: {}",
            call.program,
            error.reason,
            self.log.path().display()
        );
        let ours = Error::new(Code::RuntimeInstallFailed, message);
        match error.cause {
            Some(cause) => self.host.with_cause(ours, cause),
            None => ours.into(),
        }
    }

    fn check_executables(&self, folder: &Path) -> Result<()> {
        let missing: Option<PathBuf> = ["python", "ktx-daemon"]
            .map(|name| executable(folder, name, Platform::CURRENT))
            .into_iter()
            .find(|path| !path.exists());
        missing.map_or(Ok(()), |path| {
            let log = self.log.path().display();
            let message = format!("Python runtime install failed: {} was not made\nInstall log: {log}", path.display());
            Err(Error::new(Code::RuntimeInstallFailed, message))
        })
    }

    /// Runs what was installed, and notes what packages there are.
    async fn try_out(&self, folder: &Path) -> Result<()> {
        if self.host.is_injected() {
            return Ok(());
        }
        let program = executable(folder, "ktx-daemon", Platform::CURRENT);
        let host = Logged { host: self.host, log: &self.log };
        if let Err(error) = trial::run(&host, &program, &self.request.layout.version_dir, &self.request.env).await {
            let log = self.log.path().display();
            let message = format!("Python runtime install failed: {error}\nInstall log: {log}");
            return Err(Error::new(Code::RuntimeInstallFailed, message).with_hint_from(&error));
        }
        let folder = folder.to_owned();
        offload::spawn_blocking(move || contents::note(&folder)).await
    }

    fn manifest(&self) -> InstalledManifest {
        InstalledManifest::new(&self.request.layout, self.asset.manifest.clone(), self.features.clone())
    }

    /// The manifest is written last: from now on there is a runtime.
    async fn finish(&self, manifest: InstalledManifest) -> Result<InstalledManifest, H::Error> {
        report(self.host, Phase::Finish, "Putting the runtime into use");
        let layout = self.request.layout.clone();
        let written = manifest.clone();
        offload::spawn_blocking(move || {
            written.write(&layout)?;
            environment::remove_others(&layout);
            Ok::<_, Error>(())
        })
        .await?;
        Ok(manifest)
    }
}

async fn settings_of_uv(request: &InstallRequest) -> Result<SettingsFile> {
    let (path, env, home) = (request.layout.uv_settings(), request.env.clone(), layout::home_folder(&request.env));
    offload::spawn_blocking(move || SettingsFile::write(path, &env, home.as_deref())).await
}
