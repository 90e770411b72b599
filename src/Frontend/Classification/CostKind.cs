namespace Admission.Frontend.Classification;

/// <summary>The kind of a request for <see cref="CostTable"/>: its route, and as many segments of its path as are told apart.</summary>
internal static class CostKind
{
    /// <summary>What is longer in a path is not told apart.</summary>
    public const int LongestPath = 128;

    /// <summary>The length of the buffer that <see cref="Write"/> needs.</summary>
    public static int LengthFor(string route) => route.Length + 1 + LongestPath;

    /// <summary>Writes the kind without allocating.</summary>
    /// <param name="buffer">Of <see cref="LengthFor"/> characters.</param>
    /// <param name="route">The route's id.</param>
    /// <param name="path">The request's path.</param>
    /// <param name="segments">How many of its segments count.</param>
    public static ReadOnlySpan<char> Write(Span<char> buffer, string route, ReadOnlySpan<char> path, int segments)
    {
        if (segments == 0)
        {
            return route;
        }

        var prefix = Prefix(path, segments);
        route.CopyTo(buffer);
        buffer[route.Length] = ' ';
        prefix.CopyTo(buffer[(route.Length + 1)..]);
        return buffer[..(route.Length + 1 + prefix.Length)];
    }

    private static ReadOnlySpan<char> Prefix(ReadOnlySpan<char> path, int segments)
    {
        var length = 0;
        for (var i = 0; i < segments && length < path.Length; i++)
        {
            var slash = path[(length + 1)..].IndexOf('/');
            length = slash < 0 ? path.Length : length + 1 + slash;
        }

        return path[..Math.Min(length, LongestPath)];
    }
}
