document.title = FROM_CLI + injected
// @K:comment-no-map@
