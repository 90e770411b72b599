using System.Runtime.Serialization;

namespace Orleans.Fallback.Serialization;

/// <summary>The comparers that a collection in a message can have beside the default.</summary>
internal static class Comparers
{
    private static readonly Dictionary<string, StringComparer> Known = new(StringComparer.Ordinal)
    {
        ["ordinal"] = StringComparer.Ordinal,
        ["ordinal-ignore-case"] = StringComparer.OrdinalIgnoreCase,
        ["invariant"] = StringComparer.InvariantCulture,
        ["invariant-ignore-case"] = StringComparer.InvariantCultureIgnoreCase,
    };

    /// <summary>The comparer's name; null for the default.</summary>
    /// <exception cref="NotSupportedException">A message cannot name it.</exception>
    public static string? NameOf<T>(IEqualityComparer<T>? comparer)
    {
        if (comparer is null || comparer.Equals(EqualityComparer<T>.Default))
        {
            return null;
        }

        foreach (var (name, known) in Known)
        {
            if (known.Equals(comparer))
            {
                return name;
            }
        }

        throw new NotSupportedException($"A collection with the comparer {comparer} cannot be in a message.");
    }

    public static IEqualityComparer<T> Find<T>(string name) => Known.GetValueOrDefault(name) is IEqualityComparer<T> comparer
        ? comparer
        : throw new SerializationException($"The message names the comparer '{name}' for {typeof(T)}.");
}
