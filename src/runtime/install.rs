//! Installing: look, lock, look again, build aside, switch, say so.

use super::{
    asset::{self, Asset},
    environment::{self, Aside},
    exec::{self, Exec},
    feature::Feature,
    layout::{Layout, Platform, executable},
    log::{self, InstallLog, Logged},
    manifest::InstalledManifest,
    requirements,
    status::{RuntimeStatus, StatusKind, read_status},
    toolchain::Toolchain,
};
use crate::{
    env::Environment,
    error::{Code, Error, Result},
    files::{self, FileLock, LockWait},
    hop,
    process::CommandCall,
};
use serde::Serialize;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// Longest wait for another installer.
const LOCK_WAIT: LockWait<'_> = LockWait { step: "Waiting for another installation", limit: Duration::from_secs(3600) };

/// What is to be installed.
#[derive(Debug, Clone)]
pub struct InstallRequest {
    /// Where.
    pub layout: Layout,
    /// Environment variables of the host.
    pub env: Environment,
    /// What it shall be able to do.
    pub features: Vec<Feature>,
    /// Build it anew even if it is right.
    pub force: bool,
}

/// What an installation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InstallStatus {
    /// Nothing: it was right.
    Ready,
    /// It installed.
    Installed,
}

/// Result of an installation.
#[derive(Debug, Clone, Serialize)]
pub struct Installed {
    /// What was done.
    pub status: InstallStatus,
    /// Where.
    pub layout: Layout,
    /// From what.
    pub asset: Asset,
    /// What is there now.
    pub manifest: InstalledManifest,
}

/// Phases of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Another installer works.
    Waiting,
    /// The bundled files are checked.
    Verify,
    /// The virtual environment is made.
    Environment,
    /// Packages are installed.
    Packages,
    /// The new environment is put into use.
    Finish,
}

/// One step of progress.
#[derive(Debug, Clone, Serialize)]
pub struct Progress {
    /// Where the installation is.
    pub phase: Phase,
    /// One line for people.
    pub message: String,
}

/// Who installs.
pub trait InstallHost: Exec {
    /// Told as the installation goes on.
    fn progress(&self, progress: Progress);

    /// An error of ours with an error of the host's as its cause.
    fn with_cause(&self, error: Error, cause: Self::Error) -> Self::Error;
}

/// Installs the runtime unless it is right already.
pub async fn install<H: InstallHost>(host: &H, request: &InstallRequest) -> Result<Installed, H::Error> {
    let request = &InstallRequest { features: Feature::normalized(&request.features), ..request.clone() };
    exec::install_timeout(&request.env)?;
    let asset = verify(request).await?;
    if let Some(installed) = already_right(request, &asset).await {
        return Ok(installed);
    }
    let _lock = lock(host, request).await?;
    if let Some(installed) = already_right(request, &asset).await {
        return Ok(installed);
    }
    tell(host, Phase::Verify, "Bundled wheel verified");
    let attempt = Attempt::begin(host, request, &asset).await?;
    // On the heap: hosts poll this on a thread whose stack is small.
    let manifest = Box::pin(attempt.run()).await?;
    let layout = request.layout.clone();
    Ok(Installed { status: InstallStatus::Installed, layout, asset, manifest })
}

async fn verify(request: &InstallRequest) -> Result<Asset> {
    let folder = request.layout.asset_dir.clone();
    hop::blocking(move || asset::verify(&folder)).await
}

async fn look(layout: &Layout) -> RuntimeStatus {
    let layout = layout.clone();
    hop::blocking(move || read_status(&layout)).await
}

async fn already_right(request: &InstallRequest, asset: &Asset) -> Option<Installed> {
    if request.force {
        return None;
    }
    let status = look(&request.layout).await;
    let manifest = status.ready_with(&request.features)?.clone();
    Some(Installed { status: InstallStatus::Ready, layout: status.layout, asset: asset.clone(), manifest })
}

async fn lock<H: InstallHost>(host: &H, request: &InstallRequest) -> Result<FileLock> {
    let folder = request.layout.version_dir.clone();
    hop::blocking(move || files::create_folder(&folder)).await.map_err(|error| {
        let message = format!("{error}. Free that path, or set KTX_RUNTIME_ROOT to a folder that can be written");
        Error::new(error.code(), message).caused_by(error)
    })?;
    let waiting = || tell(host, Phase::Waiting, "Waiting for another KTX runtime installation to finish");
    FileLock::acquire(&request.layout.install_lock(), LOCK_WAIT, waiting).await
}

fn tell<H: InstallHost>(host: &H, phase: Phase, message: impl Into<String>) {
    host.progress(Progress { phase, message: message.into() });
}

/// One attempt under the lock.
struct Attempt<'a, H: InstallHost> {
    host: &'a H,
    request: &'a InstallRequest,
    asset: &'a Asset,
    log: InstallLog,
    tools: Toolchain,
    requires_python: String,
    features: Vec<Feature>,
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
    async fn begin(host: &'a H, request: &'a InstallRequest, asset: &'a Asset) -> Result<Self, H::Error> {
        let layout = request.layout.clone();
        let log = hop::blocking(move || {
            environment::remove_others(&layout);
            environment::keep_to_itself(&layout)?;
            InstallLog::begin(&layout.install_log_path)
        })
        .await?;
        let wheel = asset.wheel_path.clone();
        let requires_python = hop::blocking(move || requirements::requires_python(&wheel)).await;
        let tools = Toolchain::find(&Logged { host, log: &log }, &request.env, &requires_python).await?;
        let features = request.features.clone();
        Ok(Self { host, request, asset, log, tools, requires_python, features })
    }

    async fn run(mut self) -> Result<InstalledManifest, H::Error> {
        let layout = &self.request.layout;
        let status = look(layout).await;
        if let Some(installed) = status.ready_with(&[Feature::Core]).filter(|_| !self.request.force) {
            self.features = Feature::normalized(&[&*installed.features, &self.request.features].concat());
            if environment::is_whole(layout) {
                self.add().await?;
                return self.finish().await;
            }
        }
        if self.host.is_injected() {
            self.build_in_place(&status).await?
        } else {
            self.build_aside(&status).await?
        }
        self.finish().await
    }

    /// Everything is pinned and the wheel is there already, so nothing that a daemon may be running is touched.
    async fn add(&self) -> Result<(), H::Error> {
        let layout = self.request.layout.clone();
        hop::blocking(move || environment::begin_adding(&layout)).await?;
        self.install_packages(&self.request.layout.venv_dir, Packages::Dependencies).await?;
        let layout = self.request.layout.clone();
        Ok(hop::blocking(move || environment::end_adding(&layout)).await?)
    }

    async fn build_aside(&self, before: &RuntimeStatus) -> Result<(), H::Error> {
        let layout = self.request.layout.clone();
        let folder = hop::blocking(move || environment::new_folder(&layout)).await?;
        let built = match self.build(&folder).await {
            Ok(()) => self.check_executables(&folder).map_err(H::Error::from),
            failed => failed,
        };
        if let Err(error) = built {
            // It would only fill the disk; what this leaves, the next attempt removes.
            let _ = hop::blocking(move || files::remove_folder(&folder)).await;
            return Err(error);
        }
        let layout = self.request.layout.clone();
        // The manifest must at no moment promise more than the environment has.
        let promise = before.manifest.as_ref().and_then(|manifest| manifest.limited_to(&self.features));
        let switching = move || {
            promise.map_or(Ok(()), |promise| promise.write(&layout))?;
            environment::switch_to(&layout, &folder)
        };
        Ok(hop::blocking(switching).await?)
    }

    async fn build_in_place(&self, status: &RuntimeStatus) -> Result<(), H::Error> {
        let layout = self.request.layout.clone();
        let venv = layout.venv_dir.clone();
        let aside = if status.kind == StatusKind::Missing && !venv.exists() {
            None
        } else {
            Some(hop::blocking(move || Aside::move_away(&layout)).await?)
        };
        self.build(&venv).await?;
        if let Some(aside) = aside {
            hop::blocking(move || aside.forget()).await;
        }
        Ok(())
    }

    async fn build(&self, folder: &Path) -> Result<(), H::Error> {
        let target = folder.to_string_lossy().into_owned();
        let (program, args) = match self.tools.clone() {
            Toolchain::Uv { program, python, .. } => {
                let python = python.or_else(|| self.asset.lock_path.as_ref().map(|_| self.requires_python.clone()));
                let wanted = python.map(|python| vec!["--no-project".into(), "--python".into(), python]);
                (program, [vec!["venv".into()], wanted.unwrap_or_default(), vec![target]].concat())
            }
            Toolchain::Python { program, .. } => {
                (program.to_string_lossy().into_owned(), vec!["-I".into(), "-m".into(), "venv".into(), target])
            }
        };
        self.tool(Phase::Environment, "Creating the Python environment", program, args).await?;
        self.install_packages(folder, Packages::All).await
    }

    async fn install_packages(&self, folder: &Path, packages: Packages) -> Result<(), H::Error> {
        let python = executable(folder, "python", Platform::CURRENT).to_string_lossy().into_owned();
        let what = self.requirement_args(packages).await?;
        let (program, how) = match self.tools.clone() {
            // As pip does by itself: else the first daemon compiles everything that it imports.
            Toolchain::Uv { program, .. } if self.asset.lock_path.is_some() => {
                (program, vec!["pip", "install", "--compile-bytecode", "--python", &python])
            }
            Toolchain::Uv { program, .. } => (program, vec!["pip", "install", "--python", &python]),
            Toolchain::Python { .. } => (python.clone(), vec!["-I", "-m", "pip", "install"]),
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
        hop::blocking(move || requirements::write(&asset, &lock, &features, with_wheel, &target)).await?;
        Ok(vec!["--require-hashes".into(), "-r".into(), path.to_string_lossy().into_owned()])
    }

    async fn tool(&self, phase: Phase, what: &str, program: String, args: Vec<String>) -> Result<(), H::Error> {
        tell(self.host, phase, what);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let call = exec::call(&program, &args, Some(&self.request.layout.version_dir), &self.request.env);
        let logged = Logged { host: self.host, log: &self.log };
        let mut on_line = |line: &str| tell(self.host, phase, crate::redact::urls(line));
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

    /// The manifest is written last: from now on there is a runtime.
    async fn finish(&self) -> Result<InstalledManifest, H::Error> {
        tell(self.host, Phase::Finish, "Putting the runtime into use");
        let layout = self.request.layout.clone();
        let manifest = InstalledManifest::new(&layout, self.asset.manifest.clone(), self.features.clone());
        let written = manifest.clone();
        hop::blocking(move || {
            written.write(&layout)?;
            environment::remove_others(&layout);
            Ok::<_, Error>(())
        })
        .await?;
        Ok(manifest)
    }
}
