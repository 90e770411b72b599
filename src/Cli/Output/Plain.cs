namespace Admission.Cli.Output;

/// <summary>Text from elsewhere (names of tenants above all) on a terminal.</summary>
internal static class Plain
{
    /// <summary>The text with each control character as a question mark, so that nobody else moves the cursor or colours the screen.</summary>
    public static string Text(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter)) : text;
}
