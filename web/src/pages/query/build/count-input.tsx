/** Input of a number of rows. */

interface CountInputProps {
  label: string;
  least: number;
  placeholder?: string;
  value: number | undefined;
  onChange: (value: number | undefined) => void;
}

/** The input; without a number, the default holds. */
export function CountInput({ label, least, placeholder, value, onChange }: CountInputProps) {
  return (
    <label>
      {label}
      <input
        type="number"
        min={least}
        step={1}
        inputMode="numeric"
        placeholder={placeholder}
        value={value ?? ''}
        onChange={({ target }) => {
          const count = Number(target.value);
          onChange(target.value !== '' && Number.isSafeInteger(count) && count >= least ? count : undefined);
        }}
      />
    </label>
  );
}
