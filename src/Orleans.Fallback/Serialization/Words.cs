using System.Text.Json;

namespace Orleans.Fallback.Serialization;

/// <summary>The names in messages that are no members.</summary>
internal static class Words
{
    /// <summary>An object that occurred before.</summary>
    public static readonly JsonEncodedText Again = JsonEncodedText.Encode("$r");

    /// <summary>The type, where it is not the declared one.</summary>
    public static readonly JsonEncodedText Type = JsonEncodedText.Encode("$t");

    /// <summary>The comparer of a collection, where it is not the default.</summary>
    public static readonly JsonEncodedText Comparer = JsonEncodedText.Encode("$c");

    /// <summary>The elements of a collection, where it has a type or comparer too.</summary>
    public static readonly JsonEncodedText Elements = JsonEncodedText.Encode("$v");

    /// <summary>The identity of a grain or observer.</summary>
    public static readonly JsonEncodedText Grain = JsonEncodedText.Encode("$g");

    /// <summary>The interface of a reference.</summary>
    public static readonly JsonEncodedText Interface = JsonEncodedText.Encode("$i");
}
