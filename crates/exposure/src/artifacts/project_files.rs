//! The files that make a folder a project of .NET or Xcode, by that folder. Every file that may be part of an
//! app package asks for them in each folder around it, so they are looked for once.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::artifacts::paths;

/// The endings of the names of Xcode's projects, which are folders.
const XCODE: [&str; 2] = [".xcodeproj", ".xcworkspace"];

/// The files of an app that mark the folders of projects.
#[derive(Debug, Default)]
pub(crate) struct ProjectFiles<'f> {
    dotnet: HashMap<&'f str, &'f str, RandomState>,
    xcode: HashMap<&'f str, &'f str, RandomState>,
}

impl<'f> ProjectFiles<'f> {
    /// Those among `files`, which are in order.
    pub(crate) fn new(files: &'f [String]) -> Self {
        let mut own = Self::default();
        for file in files {
            if paths::ends_in(file, &["csproj"]) {
                own.dotnet.entry(paths::folder(file)).or_insert(file);
            }
            if XCODE.iter().any(|ending| file.contains(ending)) {
                let mut start = 0;
                for part in file.split('/') {
                    if XCODE.iter().any(|ending| part.ends_with(ending)) {
                        let folder = &file[..start.max(1) - 1];
                        own.xcode.entry(folder).or_insert(file);
                    }
                    start += part.len() + 1;
                }
            }
        }
        own
    }

    /// The first project of .NET in a folder.
    pub(crate) fn dotnet(&self, folder: &str) -> Option<&'f str> {
        self.dotnet.get(folder).copied()
    }

    /// The first file of a project of Xcode in a folder.
    pub(crate) fn xcode(&self, folder: &str) -> Option<&'f str> {
        self.xcode.get(folder).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::ProjectFiles;

    #[test]
    fn the_first_project_of_a_folder_counts() {
        let mut files = [
            "A.xcodeproj/project.pbxproj",
            "a/App.csproj",
            "a/Other.csproj",
            "a/b/c.cs",
            "ios/App.xcodeproj/project.pbxproj",
            "ios/App.xcodeproj/project.xcworkspace/contents",
            "ios/Z.xcworkspace/contents",
            "x.xcodeproj.txt",
        ]
        .map(str::to_owned);
        files.sort();
        let own = ProjectFiles::new(&files);
        assert_eq!(own.dotnet("a"), Some("a/App.csproj"));
        assert_eq!((own.dotnet(""), own.dotnet("a/b")), (None, None));
        assert_eq!(own.xcode(""), Some("A.xcodeproj/project.pbxproj"));
        assert_eq!(own.xcode("ios"), Some("ios/App.xcodeproj/project.pbxproj"));
        let inner = "ios/App.xcodeproj/project.xcworkspace/contents";
        assert_eq!((own.xcode("ios/App.xcodeproj"), own.xcode("a")), (Some(inner), None));
    }
}
