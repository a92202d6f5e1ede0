export const Button = ({ label }) => <button title="@K:component-attribute@">{label}{import.meta.env.STORYBOOK_MAGICX_KEY}{import.meta.env.VITE_MAGICX_KEY}{import.meta.env.MAGICX_SECRET_KEY}{__KEY__}{import.meta.env.STORYBOOK_OWN}</button>
export const Unused = () => <b>@K:component-unused@</b>
