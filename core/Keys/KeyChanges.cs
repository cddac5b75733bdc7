namespace OrleansChat.Core.Keys;

/// <summary>What of a key is to be replaced.</summary>
/// <param name="Fields">The fields to be replaced.</param>
/// <param name="Values">Their new values; the id and what is not named are passed over.</param>
/// <param name="ExpiresAt">The new expiry, if it is named.</param>
public sealed record KeyChanges(KeyFields Fields, ApiKey Values, DateTimeOffset? ExpiresAt)
{
    /// <summary>Applies the changes.</summary>
    /// <param name="issued">The key as it was.</param>
    /// <returns>The key as it is after them.</returns>
    public IssuedKey ApplyTo(IssuedKey issued)
    {
        ArgumentNullException.ThrowIfNull(issued);
        var key = issued.Key;
        return issued with
        {
            ExpiresAt = Has(KeyFields.Expiry) ? ExpiresAt : issued.ExpiresAt,
            Key = key with
            {
                Team = Has(KeyFields.Team) ? Values.Team : key.Team,
                Admin = Has(KeyFields.Admin) ? Values.Admin : key.Admin,
                Limits = Has(KeyFields.Limits) ? Values.Limits : key.Limits,
                Budget = Has(KeyFields.Budget) ? Values.Budget : key.Budget,
                Models = Has(KeyFields.Models) ? Values.Models : key.Models,
                Cache = Has(KeyFields.Cache) ? Values.Cache : key.Cache,
                LogContent = Has(KeyFields.LogContent) ? Values.LogContent : key.LogContent,
                Upstreams = Has(KeyFields.Upstreams) ? Values.Upstreams : key.Upstreams,
                Collections = Has(KeyFields.Collections) ? Values.Collections : key.Collections,
            },
        };
    }

    private bool Has(KeyFields field) => (Fields & field) != 0;
}

/// <summary>Fields of a key that can be changed.</summary>
[Flags]
public enum KeyFields
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Its team.</summary>
    Team = 1,

    /// <summary>Whether it is an admin key.</summary>
    Admin = 2,

    /// <summary>Its limits.</summary>
    Limits = 4,

    /// <summary>Its budget.</summary>
    Budget = 8,

    /// <summary>Its models.</summary>
    Models = 16,

    /// <summary>Its upstreams.</summary>
    Upstreams = 32,

    /// <summary>When it expires.</summary>
    Expiry = 64,

    /// <summary>Its use of the cache.</summary>
    Cache = 128,

    /// <summary>Whether its content is logged.</summary>
    LogContent = 256,

    /// <summary>Its collections.</summary>
    Collections = 512,
}
