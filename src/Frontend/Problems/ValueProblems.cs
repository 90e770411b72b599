using Admission.Frontend.Classification;

namespace Admission.Frontend.Problems;

/// <summary>What a request says about its own admission, and cannot be understood.</summary>
internal static class ValueProblems
{
    private const int LongestQuote = 100;

    /// <summary>The problem for a value.</summary>
    /// <param name="source">Where it stands.</param>
    /// <param name="text">What it says.</param>
    /// <param name="accepted">What is accepted there.</param>
    public static Problem Describe(in RequestSource source, string text, string accepted)
    {
        var (reason, title, where) = source.Kind switch
        {
            SourceKind.Claim => ("invalid-claim", "A claim is not understood", "claim"),
            SourceKind.Query => ("invalid-query", "A parameter of the query is not understood", "parameter"),
            _ => ("invalid-header", "A header is not understood", "header"),
        };
        var quote = text.Length <= LongestQuote ? text : text[..LongestQuote] + "...";
        return new Problem(StatusCodes.Status400BadRequest, reason, title, $"The {where} {source.Name} is '{quote}'. Accepted is {accepted}.");
    }
}
