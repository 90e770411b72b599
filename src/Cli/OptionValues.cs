using System.CommandLine;
using System.Globalization;
using Admission.Grains.Configuration;

namespace Admission.Cli;

/// <summary>Reads the values of options; what does not parse is a mistake that names the option, and what would.</summary>
/// <param name="parsed">The command line.</param>
/// <param name="mistakes">Takes the mistakes.</param>
internal sealed class OptionValues(ParseResult parsed, List<string> mistakes)
{
    public bool Has(Option option) => parsed.GetResult(option) is { Implicit: false };

    public string? Text(Option option) => parsed.GetResult(option) is { Implicit: false, Tokens: [var token] } ? token.Value : null;

    public string? Text(Argument argument) => parsed.GetResult(argument) is { Tokens: [var token, ..] } ? token.Value : null;

    /// <summary>The name of a file; null where none is given, or it is a mistake.</summary>
    public string? File(Option option)
    {
        if (Text(option) is not "")
        {
            return Text(option);
        }

        mistakes.Add($"{option.Name} is empty. Give the name of a file, or leave it out.");
        return null;
    }

    public IReadOnlyList<string> Texts(Argument argument) => parsed.GetResult(argument) is { } result ? [.. result.Tokens.Select(token => token.Value)] : [];

    /// <summary>A mistake that is none of a single value.</summary>
    public void Mistake(string mistake) => mistakes.Add(mistake);

    /// <summary>A whole number in an argument; null where none is given, or it is a mistake.</summary>
    public int? Count(Argument argument, int least, int most)
    {
        if (Text(argument) is not { } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= least && count <= most)
        {
            return count;
        }

        mistakes.Add($"{argument.Name} {text} is not possible. Give a whole number from {least} to {most}.");
        return null;
    }

    public bool Switch(Option<bool> option) => Has(option) && parsed.GetValue(option);

    public int Count(Option option, int otherwise, int least, int most)
    {
        if (Text(option) is not { } text)
        {
            return otherwise;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= least && count <= most)
        {
            return count;
        }

        mistakes.Add($"{option.Name} {text} is not possible. Give a whole number from {least} to {most}.");
        return otherwise;
    }

    public double? Number(Option option, double least, double most)
    {
        if (Text(option) is not { } text)
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        mistakes.Add(string.Create(CultureInfo.InvariantCulture, $"{option.Name} {text} is not possible. Give a number from {least} to {most}."));
        return null;
    }

    public TimeSpan? Duration(Option option, TimeSpan least, TimeSpan most)
    {
        if (Text(option) is not { } text)
        {
            return null;
        }

        if (!Durations.TryParse(text, out var duration))
        {
            mistakes.Add($"{option.Name} {text} is not understood. {Durations.Forms}");
            return null;
        }

        if (duration < least || duration > most)
        {
            mistakes.Add($"{option.Name} {text} is not possible. Give a duration from {least:c} to {most:c}.");
            return null;
        }

        return duration;
    }

    /// <summary>Whole numbers with commas between them.</summary>
    public int[] Counts(Option option, int otherwise, int least, int most)
    {
        if (Text(option) is not { } text)
        {
            return [otherwise];
        }

        var counts = new List<int>();
        foreach (var part in text.Split(','))
        {
            if (int.TryParse(part, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var count) && count >= least && count <= most)
            {
                counts.Add(count);
            }
            else
            {
                mistakes.Add($"{option.Name} {text} is not possible: '{part}'. Give whole numbers from {least} to {most}, with commas between them.");
                return [otherwise];
            }
        }

        return [.. counts];
    }

    public T Choice<T>(Option option, T otherwise)
        where T : struct, Enum
    {
        if (Text(option) is not { } text)
        {
            return otherwise;
        }

        var names = Enum.GetNames<T>().Where(name => name != "None").Select(name => name.ToLowerInvariant()).ToArray();
        if (names.Contains(text, StringComparer.OrdinalIgnoreCase))
        {
            return Enum.Parse<T>(text, ignoreCase: true);
        }

        mistakes.Add($"{option.Name} {text} is not possible. Choose {string.Join(" or ", names)}.{Spelling.DidYouMean(text, names)}");
        return otherwise;
    }
}
