namespace Admission.Frontend.Deferring;

/// <summary>Where jobs are found.</summary>
internal static class JobAddress
{
    /// <summary>All of them.</summary>
    public const string Root = "/admission/v1/jobs";

    /// <summary>One.</summary>
    public static string Of(string id) => $"{Root}/{id}";

    /// <summary>Its result.</summary>
    public static string ResultOf(string id) => $"{Root}/{id}/result";
}
