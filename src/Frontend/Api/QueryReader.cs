using System.Globalization;
using Admission.Frontend.Problems;

namespace Admission.Frontend.Api;

/// <summary>Reads parameters of a query. The first that is not understood is <see cref="Mistake"/>.</summary>
internal sealed class QueryReader(IQueryCollection parameters)
{
    /// <summary>What was not understood; null for nothing.</summary>
    public Problem? Mistake { get; private set; }

    /// <summary>A text; null where it is not given.</summary>
    public string? Text(string name) => parameters.TryGetValue(name, out var value) && value.Count > 0 ? value.ToString() : null;

    /// <summary>A whole number within bounds; null where it is not given.</summary>
    public long? Number(string name, long least, long most)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        Mistake ??= new Problem(StatusCodes.Status400BadRequest, "invalid-query", "A parameter of the query is not understood",
            string.Create(CultureInfo.InvariantCulture, $"The parameter {name} is '{(text.Length <= 100 ? text : text[..100] + "...")}'. Accepted is a whole number from {least} to {most}."));
        return null;
    }
}
