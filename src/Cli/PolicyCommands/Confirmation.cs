using System.CommandLine;

namespace Admission.Cli.PolicyCommands;

/// <summary>What commands have in common that ask before they do it.</summary>
internal static class Confirmation
{
    public const string Words = "It asks first, and changes only the policy that it has shown: if somebody was faster, nothing is changed, with exit code 1.";

    public static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Does not ask." };
}
