using System.Globalization;

namespace Admission.Grains.Configuration;

/// <summary>Sizes as people write them: <c>65536</c>, <c>64KiB</c>, <c>16MiB</c>, <c>1GiB</c>.</summary>
internal static class ByteSizes
{
    /// <summary>What is accepted, for messages.</summary>
    public const string Forms = "Write bytes, or a size such as 64KiB, 16MiB or 1GiB.";

    private static readonly (string Suffix, int Shift)[] Units = [("KiB", 10), ("MiB", 20), ("GiB", 30)];

    /// <summary>Reads a size.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        text = text.Trim();
        foreach (var (suffix, shift) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                var number = text.AsSpan(0, text.Length - suffix.Length).TrimEnd();
                var parsed = long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out bytes);
                var possible = parsed && bytes >= long.MinValue >> shift && bytes <= long.MaxValue >> shift;
                bytes = possible ? bytes << shift : 0;
                return possible;
            }
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out bytes);
    }

    /// <summary>Writes a size in the largest unit that leaves a whole number.</summary>
    public static string Format(long bytes)
    {
        for (var unit = Units.Length - 1; unit >= 0; unit--)
        {
            var (suffix, shift) = Units[unit];
            if (bytes != 0 && bytes % (1L << shift) == 0)
            {
                return (bytes >> shift).ToString(CultureInfo.InvariantCulture) + suffix;
            }
        }

        return bytes.ToString(CultureInfo.InvariantCulture) + (bytes == 1 ? " byte" : " bytes");
    }
}
