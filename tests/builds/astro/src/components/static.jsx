export default function Static({ label, kept }) { return <i title="@K:static-literal@" onClick={() => alert('@K:static-handler@')}>{label}{kept.length}</i> }
