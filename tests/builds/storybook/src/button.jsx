export const Button = ({ label }) => <button title="@K:component-attribute@">{label}{import.meta.env.STORYBOOK_CHAT_KEY}{import.meta.env.VITE_CHAT_KEY}{import.meta.env.CHAT_PRIVATE_KEY}{__KEY__}{import.meta.env.STORYBOOK_OWN}</button>
export const Unused = () => <b>@K:component-unused@</b>
