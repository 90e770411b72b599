using Microsoft.Extensions.Options;

namespace Admission.Grains.Authority;

/// <summary>Refuses settings at start, with every reason.</summary>
internal sealed class PostgresAuthorityOptionsRules : IValidateOptions<PostgresAuthorityOptions>
{
    public ValidateOptionsResult Validate(string? name, PostgresAuthorityOptions options)
    {
        var mistakes = options.Mistakes().ToList();
        return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
    }
}
