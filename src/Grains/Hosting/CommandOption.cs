namespace Admission.Grains.Hosting;

/// <summary>A short form on the command line.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Key">The configuration key that it stands for; empty for an option that may be given several times.</param>
/// <param name="Value">What its value is called.</param>
/// <param name="Text">What it does.</param>
internal sealed record CommandOption(string Name, string Key, string Value, string Text)
{
    /// <summary>Where the host listens; ASP.NET reads it itself.</summary>
    public const string UrlsKey = "urls";
}
