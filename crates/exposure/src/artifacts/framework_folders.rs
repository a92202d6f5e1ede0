//! Folders and files that ship without change, by the conventions of frameworks: a table that the
//! registry fills.

use crate::framework_id::FrameworkId;
use crate::project::package::Package;

/// A folder into which a framework builds.
#[derive(Debug)]
pub(crate) struct OutputFolder {
    /// Its name: `.next`.
    pub(crate) name: &'static str,
    /// The folders in it that clients get.
    pub(crate) client: &'static [&'static str],
    /// The folders in it that a server keeps. Everything else is for building only.
    pub(crate) server: &'static [&'static str],
}

/// A folder that a framework copies to the site without change.
#[derive(Debug)]
pub(crate) struct StaticFolder {
    /// Its path below the app's folder: `public`.
    pub(crate) path: &'static str,
    /// A build of an app that depends on one of these packages copies it.
    pub(crate) packages: &'static [&'static str],
    /// Set if such a build copies no other folder.
    pub(crate) is_only: bool,
    /// The framework that reports name, if it is not just a bundle.
    pub(crate) framework: Option<FrameworkId>,
}

impl StaticFolder {
    /// `public`, which most builds copy.
    pub(crate) const fn public(packages: &'static [&'static str]) -> Self {
        Self { path: "public", packages, is_only: false, framework: None }
    }
}

/// A folder of documents that a framework renders into pages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DocumentFolder {
    /// Its path below the package's folder; `""` is that folder itself.
    pub(crate) path: &'static str,
    /// The folder that must be in it, if any: `.vitepress`.
    pub(crate) holds: Option<&'static str>,
    /// A build of a package that depends on one of these packages renders it.
    pub(crate) packages: &'static [&'static str],
    /// The framework that does.
    pub(crate) framework: FrameworkId,
}

/// Files of markup that a framework compiles into code, without the comments in them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CompiledTemplates {
    /// How the names of the files end: `.component.html`.
    pub(crate) ending: &'static str,
    /// They are compiled in an app that depends on one of these packages.
    pub(crate) packages: &'static [&'static str],
}

/// The folders and files of all frameworks.
#[derive(Debug, Default)]
pub(crate) struct FrameworkFolders {
    /// Folders into which they build.
    pub(crate) outputs: Vec<&'static OutputFolder>,
    /// Names of folders in output that hold only what clients get.
    pub(crate) assets: Vec<&'static str>,
    /// Folders that are copied without change.
    pub(crate) statics: Vec<&'static StaticFolder>,
    /// Packages by which everything that is built is packaged with the app.
    pub(crate) packagers: Vec<&'static str>,
    /// Packages that make browser extensions without a manifest in the sources.
    pub(crate) extension_makers: Vec<&'static str>,
    /// Folders of documents.
    pub(crate) documents: Vec<DocumentFolder>,
    /// Files of markup that are compiled.
    pub(crate) templates: Vec<CompiledTemplates>,
}

impl FrameworkFolders {
    /// True if everything that a package builds is packaged with the app.
    pub(crate) fn packages_output(&self, package: &Package) -> bool {
        self.packagers.iter().any(|packager| package.depends_on(packager))
    }

    /// The folders that builds of a package copy without change.
    pub(crate) fn copied_by<'f>(
        &'f self,
        package: &'f Package,
    ) -> impl Iterator<Item = &'static StaticFolder> + Clone + 'f {
        let statics = self.statics.iter().copied();
        statics.filter(|folder| folder.packages.iter().any(|it| package.depends_on(it)))
    }
}
