using System.Globalization;
using System.Text;

namespace Admission.Cli.Gateway;

/// <summary>The query of an address.</summary>
internal sealed class Query
{
    private readonly StringBuilder _text = new();

    /// <summary>Adds a parameter; null adds nothing.</summary>
    public Query With(string name, string? value)
    {
        if (value is not null)
        {
            _text.Append(_text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return this;
    }

    /// <inheritdoc cref="With(string, string?)"/>
    public Query With(string name, long? value) => With(name, value?.ToString(CultureInfo.InvariantCulture));

    /// <summary>With its question mark; empty for none.</summary>
    public override string ToString() => _text.ToString();
}
