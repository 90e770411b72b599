using System.Globalization;

namespace Orleans.Runtime;

/// <summary>Keys that are integers (written in hexadecimal) and GUIDs (32 digits).</summary>
public static class GrainIdKeyExtensions
{
    /// <summary>Makes a key of an integer.</summary>
    public static IdSpan CreateIntegerKey(long key) => IdSpan.Create(key.ToString("X", CultureInfo.InvariantCulture));

    /// <summary>Makes a key of a GUID.</summary>
    public static IdSpan CreateGuidKey(Guid key) => IdSpan.Create(key.ToString("N", CultureInfo.InvariantCulture));

    /// <summary>Reads the integer that the key is made of.</summary>
    /// <exception cref="ArgumentException">The key is no integer.</exception>
    public static long GetIntegerKey(this GrainId grainId) =>
        long.TryParse(grainId.Key.ToString(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var key)
            ? key
            : throw new ArgumentException($"Unable to parse integer key from grain id {grainId}", nameof(grainId));

    /// <summary>Reads the GUID that the key is made of.</summary>
    /// <exception cref="ArgumentException">The key is no GUID.</exception>
    public static Guid GetGuidKey(this GrainId grainId) =>
        Guid.TryParseExact(grainId.Key.ToString(), "N", out var key)
            ? key
            : throw new ArgumentException($"Unable to parse Guid key from grain id {grainId}", nameof(grainId));
}
