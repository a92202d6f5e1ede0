export const Card = ({ label, fallback = '@K:prop-default@' }: any) => <b>{label.length}{fallback}</b>
export const Other = () => <b>@K:component-unused@</b>
