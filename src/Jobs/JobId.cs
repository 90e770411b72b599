using System.Security.Cryptography;

namespace Admission.Jobs;

/// <summary>The ids of jobs: 128 random bits as 32 hexadecimal digits, so that whoever has one was given it.</summary>
internal static class JobId
{
    private const int Length = 32;
    private const int ShortLength = 8;

    /// <summary>Makes one up.</summary>
    public static string Create() => RandomNumberGenerator.GetHexString(Length, lowercase: true);

    /// <summary>Its beginning, by which people tell jobs apart; 96 bits of it stay secret.</summary>
    public static string Short(string id) => id.Length <= ShortLength ? id : $"{id[..ShortLength]}...";

    /// <summary>Whether a text can be one: others need not be looked up.</summary>
    public static bool IsPossible(string text) => text.Length == Length && text.AsSpan().IndexOfAnyExcept("0123456789abcdef") < 0;
}
