export default function NotFound() { return '@K:not-found@' }
